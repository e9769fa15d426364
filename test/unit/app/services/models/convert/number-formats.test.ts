import { describe, expect, it } from 'vitest'
import {
  allFinite,
  bf16FromFloats,
  f16FromBf16Bits,
  f16FromF32,
  f16FromFloats,
  f32FromF16,
  q8_0FromFloats,
  toF32,
} from '../../../../../../app/services/models/convert/number-formats'

const bytesOf = (array: Float32Array | Uint16Array) => new Uint8Array(array.buffer)

describe('half precision', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.1, 0x2e66],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [1e30, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // halfway to the smallest: ties to even
    [1.5 * 2 ** -24, 0x0002],
    [-(2 ** -15), 0x8200],
    [1 + 2 ** -11, 0x3c00], // halfway: ties to even
    [1 + 3 * 2 ** -11, 0x3c02],
    [1e-10, 0x0000],
  ])('writes %d as ggml does', (value, bits) => {
    expect(f16FromF32(value)).toBe(bits)
  })

  it('reads every finite bit pattern back as the same one', () => {
    const changed: number[] = []
    for (let bits = 0; bits < 65_536; bits++) {
      const isFinite = (bits & 0x7c00) !== 0x7c00
      if (isFinite && f16FromF32(f32FromF16(bits)) !== bits) changed.push(bits)
    }
    expect(changed).toEqual([])
  })

  it('says when a value is too large', () => {
    const target = new Uint16Array(2)
    expect(f16FromFloats(Float32Array.of(1, 70000), target)).toBe(false)
    expect(f16FromFloats(Float32Array.of(1, -65504), target)).toBe(true)
    expect([...target]).toEqual([0x3c00, 0xfbff])
  })
})

describe('bf16', () => {
  it('rounds float32 to nearest, ties to even', () => {
    const target = new Uint16Array(4)
    expect(bf16FromFloats(Float32Array.of(1, -3, 1 + 2 ** -8, 1 + 3 * 2 ** -8), target)).toBe(true)
    expect([...target]).toEqual([0x3f80, 0xc040, 0x3f80, 0x3f82])
    expect(bf16FromFloats(Float32Array.of(3.4e38), target.subarray(0, 1))).toBe(false)
  })

  it('widens to float32 and f16 exactly where it can', () => {
    const source = Uint16Array.of(0x3f80, 0xc040, 0x3dcd)
    const floats = new Float32Array(3)
    toF32('BF16', bytesOf(source), floats)
    expect([...floats]).toEqual([1, -3, 0.10009765625])
    const halves = new Uint16Array(3)
    expect(f16FromBf16Bits(source, halves)).toBe(true)
    expect([...halves]).toEqual([0x3c00, 0xc200, 0x2e68])
    expect(f16FromBf16Bits(Uint16Array.of(0x4780), halves.subarray(0, 1))).toBe(false)
  })
})

describe('q8_0FromFloats', () => {
  it('writes a block as an f16 scale and 32 rounded integers', () => {
    const source = Float32Array.from({ length: 32 }, (_, i) => (i === 0 ? -127 : i === 1 ? 2.5 : i === 2 ? -2.5 : i))
    const block = new Uint8Array(34)
    expect(q8_0FromFloats(source, block)).toBe(true)
    expect([...block.slice(0, 2)]).toEqual([0x00, 0x3c]) // scale 1
    expect([...new Int8Array(block.buffer).slice(2, 7)]).toEqual([-127, 3, -3, 3, 4])
  })

  it('writes zeros as a block of zeros', () => {
    const block = new Uint8Array(34).fill(9)
    q8_0FromFloats(new Float32Array(32), block)
    expect(block.every((byte) => byte === 0)).toBe(true)
  })
})

describe('allFinite', () => {
  it('finds NaN and infinity in each type, and nothing in large finite values', () => {
    expect(allFinite('F32', bytesOf(Float32Array.of(1, NaN)))).toBe(false)
    expect(allFinite('F32', bytesOf(Float32Array.of(-Infinity)))).toBe(false)
    expect(allFinite('F32', bytesOf(Float32Array.of(3.4e38, -1e-40)))).toBe(true)
    expect(allFinite('BF16', bytesOf(Uint16Array.of(0x7f80)))).toBe(false)
    expect(allFinite('BF16', bytesOf(Uint16Array.of(0x7f7f, 0xff7f)))).toBe(true)
    expect(allFinite('F16', bytesOf(Uint16Array.of(0xfe00)))).toBe(false)
    expect(allFinite('F16', bytesOf(Uint16Array.of(0x7bff)))).toBe(true)
  })
})
