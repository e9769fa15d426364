/**
 * Largest absolute differences that pass in fp32, each stage on the golden input of that stage. By hand, 1.3e-5
 * (vision) and 6e-5 (logits) were reached against double precision.
 */
export const TOLERANCE = { pixels: 0, vision: 1e-4, logits: 2e-4 } as const

/** How far one computed tensor is from its reference. */
export interface Comparison {
  readonly name: string
  readonly stage: string
  readonly maxAbsDiff: number
  readonly meanAbsDiff: number
  /** Bit for bit (tensors) or token for token. */
  readonly equal: boolean
}

export interface GoldenCase extends Comparison {
  /** Largest `maxAbsDiff` that passes; Infinity where the difference is only printed. */
  readonly tolerance: number
  readonly passed: boolean
}

/**
 * Compares element by element. A different length or any NaN counts as an infinite difference, which never passes.
 * @param tolerance - largest absolute difference that passes; 0 asks for equality, Infinity only prints
 */
export function compareTensors(
  name: string,
  stage: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): GoldenCase {
  if (actual.length !== expected.length || expected.length === 0) {
    return {
      name,
      stage,
      maxAbsDiff: Infinity,
      meanAbsDiff: Infinity,
      equal: false,
      tolerance,
      passed: false,
    }
  }
  let maxAbsDiff = 0
  let sum = 0
  for (let i = 0; i < expected.length; i += 1) {
    const difference = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN))
    // Written this way round so that NaN is caught too.
    if (!(difference <= maxAbsDiff)) maxAbsDiff = Number.isNaN(difference) ? Infinity : difference
    sum += difference
  }
  const meanAbsDiff = maxAbsDiff === Infinity ? Infinity : sum / expected.length
  const equal = maxAbsDiff === 0
  const passed = maxAbsDiff !== Infinity && maxAbsDiff <= tolerance
  return { name, stage, maxAbsDiff, meanAbsDiff, equal, tolerance, passed }
}

/** The same stage over several inputs of the same size as one case: the largest and the mean difference of all. */
export function together(results: readonly GoldenCase[]): GoldenCase {
  const [first] = results
  if (first === undefined) throw new RangeError('expected at least one comparison')
  return {
    ...first,
    maxAbsDiff: Math.max(...results.map(({ maxAbsDiff }) => maxAbsDiff)),
    meanAbsDiff: results.reduce((sum, { meanAbsDiff }) => sum + meanAbsDiff, 0) / results.length,
    equal: results.every(({ equal }) => equal),
    passed: results.every(({ passed }) => passed),
  }
}

/** Compares token ids; `maxAbsDiff` counts the positions that differ. */
export function compareTokens(
  name: string,
  stage: string,
  actual: readonly number[],
  expected: readonly number[],
): GoldenCase {
  const length = Math.max(actual.length, expected.length)
  let different = 0
  for (let i = 0; i < length; i += 1) if (actual[i] !== expected[i]) different += 1
  const equal = different === 0
  return {
    name,
    stage,
    maxAbsDiff: different,
    meanAbsDiff: length === 0 ? 0 : different / length,
    equal,
    tolerance: 0,
    passed: equal,
  }
}

/** `Infinity` has no place in JSON, where it would become `null`: the largest number stands for it. */
export function finite(difference: number): number {
  return Number.isFinite(difference) ? difference : Number.MAX_VALUE
}

/** Row `row` of a [n, width] tensor. */
export function rowOf(tensor: Float32Array, row: number, width: number): Float32Array {
  return tensor.subarray(row * width, (row + 1) * width)
}

/** The first row of a [n, width] tensor with a difference beyond `tolerance`; -1 when there is none. */
export function firstDifferentRow(
  actual: Float32Array,
  expected: Float32Array,
  width: number,
  tolerance: number,
): number {
  // Written this way round so that NaN counts as different.
  const index = expected.findIndex((value, i) => !(Math.abs((actual[i] ?? NaN) - value) <= tolerance))
  return index < 0 ? -1 : Math.floor(index / width)
}
