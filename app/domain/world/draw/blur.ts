import type { Raster } from './raster'

/** Weights of a Gaussian from its middle outwards; all of them, mirrored, sum to 1. */
export function gaussianWeights(sigma: number): Float64Array {
  const radius = Math.ceil(2.5 * sigma)
  const weights = Float64Array.from({ length: radius + 1 }, (_, step) =>
    Math.exp((-step * step) / (2 * sigma * sigma)),
  )
  const sum = weights.reduce((total, weight, step) => total + (step === 0 ? weight : 2 * weight), 0)
  return weights.map((weight) => weight / sum)
}

/** Gaussian blur in place; beyond the edge the edge goes on. */
export function blur(raster: Raster, sigma: number): void {
  if (sigma < 0.05) return
  const weights = gaussianWeights(sigma)
  const { width, height, data } = raster
  const line = new Float32Array(Math.max(width, height) * 3)
  for (let y = 0; y < height; y += 1) blurLine(data, y * width * 3, 3, width, weights, line)
  for (let x = 0; x < width; x += 1) blurLine(data, x * 3, width * 3, height, weights, line)
}

/** One row or column of `count` pixels, `step` bytes apart. */
function blurLine(
  data: Uint8Array,
  start: number,
  step: number,
  count: number,
  weights: Float64Array,
  line: Float32Array,
): void {
  for (let at = 0; at < count; at += 1) {
    const from = start + at * step
    line[at * 3] = data[from] as number
    line[at * 3 + 1] = data[from + 1] as number
    line[at * 3 + 2] = data[from + 2] as number
  }
  const last = count - 1
  const radius = weights.length - 1
  const middle = weights[0] as number
  for (let at = 0; at < count; at += 1) {
    let red = middle * (line[at * 3] as number)
    let green = middle * (line[at * 3 + 1] as number)
    let blue = middle * (line[at * 3 + 2] as number)
    for (let offset = 1; offset <= radius; offset += 1) {
      const weight = weights[offset] as number
      const before = (at < offset ? 0 : at - offset) * 3
      const after = (at + offset > last ? last : at + offset) * 3
      red += weight * ((line[before] as number) + (line[after] as number))
      green += weight * ((line[before + 1] as number) + (line[after + 1] as number))
      blue += weight * ((line[before + 2] as number) + (line[after + 2] as number))
    }
    const to = start + at * step
    data[to] = (red + 0.5) | 0
    data[to + 1] = (green + 0.5) | 0
    data[to + 2] = (blue + 0.5) | 0
  }
}
