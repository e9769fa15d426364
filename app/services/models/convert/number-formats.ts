/**
 * 16-bit floats and blocks of 8-bit integers, as ggml writes them. Every function rounds to nearest, ties to even,
 * as ggml and PyTorch do.
 */

const floats = new Float32Array(1)
const bits = new Uint32Array(floats.buffer)

/** f16 bits of a finite float32; values beyond 65504 become infinity (0x7c00). */
export function f16FromF32(value: number): number {
  floats[0] = value
  return f16FromBits(bits[0] ?? 0)
}

function f16FromBits(source: number): number {
  const sign = (source >>> 16) & 0x8000
  const magnitude = source & 0x7fffffff
  if (magnitude >= 0x47800000) return sign | 0x7c00 // 65536 and above
  if (magnitude < 0x38800000) {
    // Below 2^-14: subnormal in f16, a whole number of steps of 2^-24.
    bits[0] = magnitude
    return sign | roundHalfEven(firstFloat() * 16_777_216)
  }
  const rebased = magnitude - 0x38000000
  // May carry into the exponent, up to infinity: that is what rounding means.
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13)
}

/** What `bits` hold, as the float32 they are. */
function firstFloat(): number {
  return floats[0] ?? 0
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest > 0.5 || (rest === 0.5 && below % 2 === 1)) return below + 1
  return below
}

export function f32FromF16(half: number): number {
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  const sign = half & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function buildTable<Table extends Uint16Array | Float32Array>(table: Table, entry: (index: number) => number): Table {
  for (let i = 0; i < 65_536; i++) table[i] = entry(i)
  return table
}

/** Looked up by f16 bits. */
let f16Values: Float32Array | undefined
/** Looked up by bf16 bits; gives f16 bits. */
let f16FromBf16: Uint16Array | undefined

/** Source elements as float32. bytes: whole elements. */
export function toF32(type: 'F32' | 'F16' | 'BF16', bytes: Uint8Array, target: Float32Array): void {
  if (type === 'F32') {
    target.set(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4))
    return
  }
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
  if (type === 'F16') {
    const values = (f16Values ??= buildTable(new Float32Array(65_536), f32FromF16))
    for (let i = 0; i < source.length; i++) target[i] = values[source[i] ?? 0] ?? 0
    return
  }
  const targetBits = new Uint32Array(target.buffer, target.byteOffset, source.length)
  for (let i = 0; i < source.length; i++) targetBits[i] = (source[i] ?? 0) << 16
}

/** Float32 as f16 bits. Returns false when a value is too large for f16. */
export function f16FromFloats(source: Float32Array, target: Uint16Array): boolean {
  const sourceBits = new Uint32Array(source.buffer, source.byteOffset, source.length)
  let fits = true
  for (let i = 0; i < sourceBits.length; i++) {
    const half = f16FromBits(sourceBits[i] ?? 0)
    if ((half & 0x7c00) === 0x7c00) fits = false
    target[i] = half
  }
  return fits
}

/** bf16 bits as f16 bits, by a table of all 65536. Returns false when a value is too large for f16. */
export function f16FromBf16Bits(source: Uint16Array, target: Uint16Array): boolean {
  const table = (f16FromBf16 ??= buildTable(new Uint16Array(65_536), (index) => f16FromBits((index << 16) >>> 0)))
  let fits = true
  for (let i = 0; i < source.length; i++) {
    const half = table[source[i] ?? 0] ?? 0
    if ((half & 0x7c00) === 0x7c00) fits = false
    target[i] = half
  }
  return fits
}

/** Float32 as bf16 bits. Returns false when a value rounds to infinity. */
export function bf16FromFloats(source: Float32Array, target: Uint16Array): boolean {
  const sourceBits = new Uint32Array(source.buffer, source.byteOffset, source.length)
  let fits = true
  for (let i = 0; i < sourceBits.length; i++) {
    const value = sourceBits[i] ?? 0
    const rounded = (value + 0x7fff + ((value >>> 16) & 1)) >>> 16
    if ((rounded & 0x7f80) === 0x7f80) fits = false
    target[i] = rounded
  }
  return fits
}

export const Q8_0_ELEMENTS = 32
export const Q8_0_BYTES = 34

/**
 * Blocks of ggml's Q8_0: an f16 scale d = max|x| / 127, then 32 integers x / d rounded half away from zero
 * (quantize_row_q8_0_ref of ggml-quants.c: the reciprocal is taken of the float32 scale before it is rounded to f16).
 * source: a multiple of 32 elements. Returns false when a scale is too large for f16.
 */
export function q8_0FromFloats(source: Float32Array, target: Uint8Array): boolean {
  let fits = true
  for (let block = 0; block * Q8_0_ELEMENTS < source.length; block++) {
    const start = block * Q8_0_ELEMENTS
    let largest = 0
    for (let i = start; i < start + Q8_0_ELEMENTS; i++) largest = Math.max(largest, Math.abs(source[i] ?? 0))
    const scale = Math.fround(largest / 127)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    const half = f16FromF32(scale)
    if ((half & 0x7c00) === 0x7c00) fits = false
    const at = block * Q8_0_BYTES
    target[at] = half & 0xff
    target[at + 1] = half >>> 8
    for (let i = 0; i < Q8_0_ELEMENTS; i++) {
      const scaled = Math.fround((source[start + i] ?? 0) * inverse)
      // Two's complement in a byte.
      target[at + 2 + i] = scaled < 0 ? -Math.floor(0.5 - scaled) : Math.floor(scaled + 0.5)
    }
  }
  return fits
}

/** Whether all elements are finite: no NaN, no infinity. */
export function allFinite(type: 'F32' | 'F16' | 'BF16', bytes: Uint8Array): boolean {
  if (type === 'F32') {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    for (let i = 0; i < words.length; i++) if (((words[i] ?? 0) & 0x7f800000) === 0x7f800000) return false
    return true
  }
  const mask = type === 'F16' ? 0x7c00 : 0x7f80
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
  for (let i = 0; i < words.length; i++) if (((words[i] ?? 0) & mask) === mask) return false
  return true
}
