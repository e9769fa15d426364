import type { Tower } from './vision-file'

/**
 * The vision tower in double precision, written from LONGLLAVA-FORMAT sections 3 and 5 as plainly as it goes:
 * one picture, loops, no layout tricks. Small towers only.
 */
export interface ReferenceStages {
  /** [patches, width] */
  readonly features: Float64Array
  /** [tokensPerImage, width] */
  readonly pooled: Float64Array
  /** [tokensPerImage, projection] */
  readonly projected: Float64Array
}

const at = (array: ArrayLike<number>, index: number): number => array[index] ?? NaN

/** One picture's RGB bytes [side, side, 3] as fp32 [3, side, side], rounded step by step like the official code. */
export function referencePixelValues(tower: Tower, pixels: Uint8Array): Float32Array {
  const plane = pixels.length / 3
  return Float32Array.from({ length: pixels.length }, (_, i) => {
    const channel = Math.floor(i / plane)
    const rescaled = Math.fround(at(pixels, (i % plane) * 3 + channel) * (1 / 255))
    const centred = Math.fround(rescaled - Math.fround(at(tower.mean, channel)))
    return Math.fround(centred / Math.fround(at(tower.std, channel)))
  })
}

/** erf by its series with positive terms only, good to double precision. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2))
const quickGelu = (x: number): number => x / (1 + Math.exp(-1.702 * x))

class Reference {
  private readonly tower: Tower

  constructor(tower: Tower) {
    this.tower = tower
  }

  private values(name: string): Float32Array {
    const tensor = this.tower.tensors.get(name)
    if (tensor === undefined) throw new Error(`the tower has no tensor ${name}`)
    return tensor.values
  }

  /** Rows of x, [n, from], times the matrix and plus the bias of this name: [n, to]. */
  private linear(x: Float64Array, name: string): Float64Array {
    const weight = this.values(`${name}.weight`)
    const bias = this.values(`${name}.bias`)
    const to = bias.length
    const from = weight.length / to
    return Float64Array.from({ length: (x.length / from) * to }, (_, i) => {
      const row = Math.floor(i / to) * from
      let sum = at(bias, i % to)
      for (let j = 0; j < from; j++) sum += at(x, row + j) * at(weight, (i % to) * from + j)
      return sum
    })
  }

  private norm(x: Float64Array, name: string): Float64Array {
    const weight = this.values(`${name}.weight`)
    const bias = this.values(`${name}.bias`)
    const width = weight.length
    const out = new Float64Array(x.length)
    for (let start = 0; start < x.length; start += width) {
      const row = x.subarray(start, start + width)
      const mean = row.reduce((sum, value) => sum + value, 0) / width
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width
      const scale = 1 / Math.sqrt(variance + this.tower.epsilon)
      for (let i = 0; i < width; i++)
        out[start + i] = (at(row, i) - mean) * scale * at(weight, i) + at(bias, i)
    }
    return out
  }

  /** [3, side, side] -> [positions, width] */
  private embeddings(pixelValues: Float32Array): Float64Array {
    const { imageSize, patchSize, width, hasClass } = this.tower.shape
    const weight = this.values('v.patch_embd.weight')
    const grid = imageSize / patchSize
    const first = hasClass ? 1 : 0
    const x = Float64Array.from(this.values('v.position_embd.weight'))
    if (hasClass) this.values('v.class_embd').forEach((value, i) => (x[i] = at(x, i) + value))
    for (let patch = 0; patch < grid * grid; patch++) {
      for (let feature = 0; feature < width; feature++) {
        let sum = 0
        for (let i = 0; i < 3 * patchSize * patchSize; i++) {
          const channel = Math.floor(i / (patchSize * patchSize))
          const row = Math.floor(patch / grid) * patchSize + (Math.floor(i / patchSize) % patchSize)
          const column = (patch % grid) * patchSize + (i % patchSize)
          sum +=
            at(pixelValues, (channel * imageSize + row) * imageSize + column) *
            at(weight, feature * 3 * patchSize * patchSize + i)
        }
        const index = (first + patch) * width + feature
        x[index] = at(x, index) + sum
      }
    }
    return this.norm(x, 'v.pre_ln')
  }

  private attention(x: Float64Array, block: string): Float64Array {
    const { width, heads } = this.tower.shape
    const [q, k, v] = ['attn_q', 'attn_k', 'attn_v'].map((part) => this.linear(x, `${block}.${part}`))
    if (q === undefined || k === undefined || v === undefined) throw new Error('expected q, k and v')
    const positions = x.length / width
    const size = width / heads
    const out = new Float64Array(x.length)
    for (let head = 0; head < heads; head++) {
      for (let i = 0; i < positions; i++) {
        const scores = Array.from({ length: positions }, (_, j) => {
          let dot = 0
          for (let d = head * size; d < (head + 1) * size; d++)
            dot += at(q, i * width + d) * at(k, j * width + d)
          return dot / Math.sqrt(size)
        })
        const highest = Math.max(...scores)
        const shares = scores.map((score) => Math.exp(score - highest))
        const total = shares.reduce((sum, share) => sum + share, 0)
        for (let d = head * size; d < (head + 1) * size; d++) {
          out[i * width + d] = shares.reduce((sum, share, j) => sum + share * at(v, j * width + d), 0) / total
        }
      }
    }
    return this.linear(out, `${block}.attn_out`)
  }

  private encode(pixelValues: Float32Array): Float64Array {
    const { blocks, activation, width, hasClass } = this.tower.shape
    const activate = activation === 'gelu' ? gelu : quickGelu
    let x = this.embeddings(pixelValues)
    const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + at(b, i))
    for (let i = 0; i < blocks; i++) {
      const block = `v.blk.${i}`
      x = plus(x, this.attention(this.norm(x, `${block}.ln1`), block))
      const hidden = this.linear(this.norm(x, `${block}.ln2`), `${block}.ffn_up`).map(activate)
      x = plus(x, this.linear(hidden, `${block}.ffn_down`))
    }
    return x.slice(hasClass ? width : 0)
  }

  private pool(features: Float64Array): Float64Array {
    const { pooling, width, imageSize, patchSize } = this.tower.shape
    const grid = imageSize / patchSize
    if (pooling === 'none') return features
    return Float64Array.from({ length: features.length / 4 }, (_, i) => {
      const token = Math.floor(i / width)
      const row = 2 * Math.floor(token / (grid / 2))
      const column = 2 * (token % (grid / 2))
      const patches =
        pooling === '1d'
          ? [4 * token + 1, 4 * token + 2]
          : [
              row * grid + column,
              row * grid + column + 1,
              (row + 1) * grid + column,
              (row + 1) * grid + column + 1,
            ]
      return (
        patches.reduce((sum, patch) => sum + at(features, patch * width + (i % width)), 0) / patches.length
      )
    })
  }

  run(pixelValues: Float32Array): ReferenceStages {
    const features = this.encode(pixelValues)
    const pooled = this.pool(features)
    const projected = this.linear(this.linear(pooled, 'mm.0').map(gelu), 'mm.2')
    return { features, pooled, projected }
  }
}

/** The stages of one picture's pixel values [3, side, side]. */
export function referenceStages(tower: Tower, pixelValues: Float32Array): ReferenceStages {
  return new Reference(tower).run(pixelValues)
}

/** Largest absolute difference; NaN counts as infinitely far. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity
  let largest = 0
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(at(actual, i) - at(expected, i))
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference
  }
  return largest
}
