import { AppError } from '../../../contract/errors'
import { GGUF_MAGIC, ggmlTypes, ggufTypeIds } from './gguf-types'
import type { GgmlTypeName, GgufArrayValue, GgufMetadata, GgufScalarType, GgufValue } from './gguf-types'

/** Bytes that grow by doubling; little-endian, as all of GGUF. */
class ByteBuilder {
  private bytes = new Uint8Array(65536)
  private view = new DataView(this.bytes.buffer)
  private length = 0

  private reserve(count: number): number {
    const start = this.length
    const needed = start + count
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
      grown.set(this.bytes)
      this.bytes = grown
      this.view = new DataView(grown.buffer)
    }
    this.length = needed
    return start
  }

  u32(value: number): void {
    const at = this.reserve(4)
    this.view.setUint32(at, value, true)
  }

  u64(value: number | bigint): void {
    const at = this.reserve(8)
    this.view.setBigUint64(at, BigInt(value), true)
  }

  string(text: string): void {
    const encoded = Buffer.from(text, 'utf8')
    this.u64(encoded.length)
    const at = this.reserve(encoded.length)
    this.bytes.set(encoded, at)
  }

  scalar(type: GgufScalarType, value: number | bigint | boolean | string): void {
    if (type === 'string') {
      this.string(String(value))
      return
    }
    const at = this.reserve(scalarBytes[type])
    const view = this.view
    if (type === 'u64') view.setBigUint64(at, BigInt(value), true)
    else if (type === 'i64') view.setBigInt64(at, BigInt(value), true)
    else numberSetters[type](view, at, Number(value))
  }

  done(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

const scalarBytes = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4, bool: 1, u64: 8, i64: 8, f64: 8 } as const

const numberSetters: Record<
  Exclude<GgufScalarType, 'string' | 'u64' | 'i64'>,
  (view: DataView, at: number, value: number) => void
> = {
  u8: (view, at, value) => {
    view.setUint8(at, value)
  },
  i8: (view, at, value) => {
    view.setInt8(at, value)
  },
  u16: (view, at, value) => {
    view.setUint16(at, value, true)
  },
  i16: (view, at, value) => {
    view.setInt16(at, value, true)
  },
  u32: (view, at, value) => {
    view.setUint32(at, value, true)
  },
  i32: (view, at, value) => {
    view.setInt32(at, value, true)
  },
  f32: (view, at, value) => {
    view.setFloat32(at, value, true)
  },
  f64: (view, at, value) => {
    view.setFloat64(at, value, true)
  },
  bool: (view, at, value) => {
    view.setUint8(at, value === 0 ? 0 : 1)
  },
}

const integerRanges: Partial<Record<GgufScalarType, readonly [bigint, bigint]>> = {
  u8: [0n, 0xffn],
  i8: [-0x80n, 0x7fn],
  u16: [0n, 0xffffn],
  i16: [-0x8000n, 0x7fffn],
  u32: [0n, 0xffffffffn],
  i32: [-0x80000000n, 0x7fffffffn],
  u64: [0n, 0xffffffffffffffffn],
  i64: [-0x8000000000000000n, 0x7fffffffffffffffn],
}

/** A number that does not fit its type would be written as another one: refuse it here. */
function checkRange(key: string, type: GgufScalarType, value: number | bigint | boolean | string): void {
  const range = integerRanges[type]
  if (range === undefined) return
  const whole = typeof value === 'bigint' || Number.isInteger(value)
  if (whole && BigInt(value) >= range[0] && BigInt(value) <= range[1]) return
  const reason = `expected ${type} for metadata ${key}, got ${String(value)}`
  throw new AppError('internal', reason, { reason })
}

function writeArray(out: ByteBuilder, key: string, of: GgufScalarType, values: GgufArrayValue): void {
  out.u32(ggufTypeIds[of])
  out.u64(values.length)
  for (const value of values as Iterable<number | bigint | boolean | string>) {
    checkRange(key, of, value)
    out.scalar(of, value)
  }
}

function writeValue(out: ByteBuilder, key: string, value: GgufValue): void {
  out.string(key)
  out.u32(ggufTypeIds[value.type])
  if (value.type === 'array') {
    writeArray(out, key, value.of, value.value)
  } else {
    checkRange(key, value.type, value.value)
    out.scalar(value.type, value.value)
  }
}

export interface TensorHeader {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: GgmlTypeName
  /** From the start of the data section. */
  readonly offset: number
}

/** The header of a GGUF v3 file up to the padding before the data section. */
export function encodeGgufHeader(metadata: GgufMetadata, tensors: readonly TensorHeader[]): Uint8Array {
  const out = new ByteBuilder()
  out.u32(GGUF_MAGIC)
  out.u32(3)
  out.u64(tensors.length)
  out.u64(metadata.size)
  for (const [key, value] of metadata) writeValue(out, key, value)
  for (const tensor of tensors) {
    out.string(tensor.name)
    out.u32(tensor.shape.length)
    for (const size of tensor.shape) out.u64(size)
    out.u32(ggmlTypes[tensor.type].id)
    out.u64(tensor.offset)
  }
  return out.done()
}
