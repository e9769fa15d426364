/**
 * The integer weights of Pillow's bicubic resampling, bit for bit (LONGLLAVA-FORMAT section 5; Pillow's
 * `precompute_coeffs` and `normalize_coeffs_8bpc` in src/libImaging/Resample.c).
 */

/** Bits after the binary point of a weight. */
export const WEIGHT_BITS = 22

export interface BicubicTable {
  /** Weights of output `first + i` are `weights[i * taps + k]`, k < counts[i], for inputs `starts[i] + k`. */
  readonly taps: number
  readonly starts: Int32Array
  readonly counts: Int32Array
  readonly weights: Int32Array
}

/** Keys' cubic with a = -0.5, written in Pillow's order of operations: another order rounds differently. */
function cubic(distance: number): number {
  const x = Math.abs(distance)
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * -0.5
  return 0
}

function makeTable(inSize: number, outSize: number, first: number, count: number): BicubicTable {
  const scale = inSize / outSize
  const filterScale = Math.max(scale, 1)
  const support = 2 * filterScale
  const taps = Math.ceil(support) * 2 + 1
  const starts = new Int32Array(count)
  const counts = new Int32Array(count)
  const weights = new Int32Array(count * taps)
  const exact = new Float64Array(taps)
  const inverse = 1 / filterScale
  for (let i = 0; i < count; i++) {
    const centre = (first + i + 0.5) * scale
    const from = Math.max(Math.trunc(centre - support + 0.5), 0)
    const inputs = Math.min(Math.trunc(centre + support + 0.5), inSize) - from
    let sum = 0
    for (let k = 0; k < inputs; k++) {
      const weight = cubic((k + from - centre + 0.5) * inverse)
      exact[k] = weight
      sum += weight
    }
    for (let k = 0; k < inputs; k++) {
      const weight = ((exact[k] ?? 0) / sum) * (1 << WEIGHT_BITS)
      weights[i * taps + k] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5)
    }
    starts[i] = from
    counts[i] = inputs
  }
  return { taps, starts, counts, weights }
}

/** Frames of a video share one size; a folder of photographs has a few. */
const CACHED_TABLES = 16
const cache = new Map<string, BicubicTable>()

/**
 * The table for outputs `first` … `first + count - 1` of resizing `inSize` samples to `outSize`; sizes at least 1.
 * Only these outputs: a long thin picture scaled by its short edge has millions of others. The last few are kept.
 */
export function bicubicTable(inSize: number, outSize: number, first: number, count: number): BicubicTable {
  const key = `${inSize}:${outSize}:${first}:${count}`
  const found = cache.get(key)
  const table = found ?? makeTable(inSize, outSize, first, count)
  cache.delete(key)
  cache.set(key, table)
  const oldest = cache.keys().next()
  if (cache.size > CACHED_TABLES && oldest.done !== true) cache.delete(oldest.value)
  return table
}
