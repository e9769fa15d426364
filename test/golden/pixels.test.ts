import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { ImageProcessing } from '../../app/domain/model-description'
import { toModelInput } from '../../app/domain/pixels/model-input'

const goldenFolder = join(import.meta.dirname, '../../../shared/golden')

const clip: ImageProcessing = {
  side: 336,
  aspect: 'pad',
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
}

/** `pixel_values` of a golden.safetensors file: fp32, [2, 3, 336, 336]. */
function goldenPixelValues(file: string): Float32Array {
  const bytes = readFileSync(file)
  const headerLength = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString()) as Record<
    string,
    { data_offsets: [number, number] } | undefined
  >
  const entry = header['pixel_values']
  if (entry === undefined) throw new Error(`no pixel_values in ${file}`)
  const [from, to] = entry.data_offsets
  const data = bytes.subarray(8 + headerLength + from, 8 + headerLength + to)
  return new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
}

/** (byte · (1/255) in double, rounded to fp32, − mean) / std in fp32, channels first. */
function normalise(rgb: Uint8Array): Float32Array {
  const size = rgb.length / 3
  const out = new Float32Array(rgb.length)
  for (let c = 0; c < 3; c++) {
    const mean = Math.fround(clip.mean[c] ?? NaN)
    const std = Math.fround(clip.std[c] ?? NaN)
    for (let i = 0; i < size; i++) {
      const value = Math.fround((rgb[i * 3 + c] ?? NaN) * (1 / 255))
      out[c * size + i] = Math.fround(Math.fround(value - mean) / std)
    }
  }
  return out
}

describe.skipIf(!existsSync(goldenFolder))('golden pixel values (skipped without ../shared/golden)', () => {
  it.each(['longllava-dense', 'longllava-moe'])('%s: every value is met bit for bit', async (name) => {
    const folder = join(goldenFolder, name)
    const golden = goldenPixelValues(join(folder, 'golden.safetensors'))
    const size = 3 * 336 * 336

    for (const [index, file] of ['0_500x300.png', '1_220x410.png'].entries()) {
      const { data, info } = await sharp(join(folder, 'images', file))
        .raw()
        .toBuffer({ resolveWithObject: true })
      const values = normalise(toModelInput(data, info.width, info.height, clip))
      const expected = golden.subarray(index * size, (index + 1) * size)
      expect(Buffer.compare(Buffer.from(values.buffer), Buffer.from(expected.slice().buffer))).toBe(0)
    }
  })
})
