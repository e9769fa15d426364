import { toByte, type Raster } from './raster'

/** Quantisation tables of the JPEG standard (ITU T.81, annex K), row by row. */
const LUMINANCE_STEPS = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
]
const CHROMINANCE_STEPS = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
]

/** Quality (1…100) of strength 0, and how much of it strength 1 takes. */
const BEST_QUALITY = 70
const QUALITY_LOSS = 62

/** COSINES[8 u + x]: row u of the orthonormal DCT-II of 8 values. */
const COSINES = Float64Array.from({ length: 64 }, (_, at) => {
  const u = at >> 3
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * (at & 7) + 1) * u * Math.PI) / 16)
})

/**
 * What compression as JPEG (YCbCr, colours at half size, 8×8 blocks) does to a picture, in place.
 * strength: above 0, at most 1.
 */
export function compressBlocks(raster: Raster, strength: number): void {
  const { width, height, data } = raster
  const luminance = createPlane(width, height)
  const halfWidth = (width + 1) >> 1
  const halfHeight = (height + 1) >> 1
  const blueness = createPlane(halfWidth, halfHeight)
  const redness = createPlane(halfWidth, halfHeight)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 3
      const red = data[at] as number
      const green = data[at + 1] as number
      const blue = data[at + 2] as number
      const level = 0.299 * red + 0.587 * green + 0.114 * blue
      luminance.values[y * luminance.stride + x] = level - 128
      const half = (y >> 1) * blueness.stride + (x >> 1)
      blueness.values[half] = (blueness.values[half] as number) + 0.141 * (blue - level)
      redness.values[half] = (redness.values[half] as number) + 0.17825 * (red - level)
    }
  }
  const quality = BEST_QUALITY - QUALITY_LOSS * strength
  quantizePlane(luminance, stepsAt(LUMINANCE_STEPS, quality))
  quantizePlane(blueness, stepsAt(CHROMINANCE_STEPS, quality))
  quantizePlane(redness, stepsAt(CHROMINANCE_STEPS, quality))
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 3
      const level = (luminance.values[y * luminance.stride + x] as number) + 128
      const half = (y >> 1) * blueness.stride + (x >> 1)
      const cb = blueness.values[half] as number
      const cr = redness.values[half] as number
      data[at] = toByte(level + 1.402 * cr)
      data[at + 1] = toByte(level - 0.344136 * cb - 0.714136 * cr)
      data[at + 2] = toByte(level + 1.772 * cb)
    }
  }
}

interface Plane {
  readonly width: number
  readonly height: number
  /** Whole blocks wide. */
  readonly stride: number
  readonly values: Float32Array
}

function createPlane(width: number, height: number): Plane {
  const stride = Math.ceil(width / 8) * 8
  return { width, height, stride, values: new Float32Array(stride * Math.ceil(height / 8) * 8) }
}

/** The standard's scaling of its tables by libjpeg's quality. */
function stepsAt(table: readonly number[], quality: number): Float64Array {
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
  return Float64Array.from(table, (step) => Math.max(1, Math.round((step * percent) / 100)))
}

function quantizePlane(plane: Plane, steps: Float64Array): void {
  extendEdges(plane)
  const { stride, values } = plane
  const rows = values.length / stride
  const block = new Float64Array(64)
  const half = new Float64Array(64)
  for (let y = 0; y < rows; y += 8) {
    for (let x = 0; x < stride; x += 8) {
      const start = y * stride + x
      for (let at = 0; at < 64; at += 1) block[at] = values[start + (at >> 3) * stride + (at & 7)] as number
      forward(block, half)
      for (let at = 0; at < 64; at += 1) {
        const step = steps[at] as number
        block[at] = Math.round((block[at] as number) / step) * step
      }
      backward(block, half)
      for (let at = 0; at < 64; at += 1) values[start + (at >> 3) * stride + (at & 7)] = block[at] as number
    }
  }
}

/** Repeats the last column and row up to whole blocks. */
function extendEdges({ width, height, stride, values }: Plane): void {
  for (let y = 0; y < height; y += 1) {
    values.fill(values[y * stride + width - 1] as number, y * stride + width, (y + 1) * stride)
  }
  for (let y = height; y < values.length / stride; y += 1) {
    values.copyWithin(y * stride, (height - 1) * stride, height * stride)
  }
}

/** block ← C · block · Cᵀ */
function forward(block: Float64Array, half: Float64Array): void {
  for (let row = 0; row < 64; row += 8) {
    for (let u = 0; u < 64; u += 8) {
      let sum = 0
      for (let x = 0; x < 8; x += 1) sum += (block[row + x] as number) * (COSINES[u + x] as number)
      half[row + (u >> 3)] = sum
    }
  }
  for (let column = 0; column < 8; column += 1) {
    for (let u = 0; u < 64; u += 8) {
      let sum = 0
      for (let y = 0; y < 8; y += 1) sum += (half[y * 8 + column] as number) * (COSINES[u + y] as number)
      block[u + column] = sum
    }
  }
}

/** block ← Cᵀ · block · C. Most coefficients are 0 after quantizing. */
function backward(block: Float64Array, half: Float64Array): void {
  half.fill(0)
  for (let at = 0; at < 64; at += 1) {
    const value = block[at] as number
    if (value === 0) continue
    const row = at & 56
    const u = (at & 7) * 8
    for (let x = 0; x < 8; x += 1)
      half[row + x] = (half[row + x] as number) + value * (COSINES[u + x] as number)
  }
  block.fill(0)
  for (let v = 0; v < 8; v += 1) {
    for (let x = 0; x < 8; x += 1) {
      const value = half[v * 8 + x] as number
      if (value === 0) continue
      for (let y = 0; y < 8; y += 1) {
        block[y * 8 + x] = (block[y * 8 + x] as number) + value * (COSINES[v * 8 + y] as number)
      }
    }
  }
}
