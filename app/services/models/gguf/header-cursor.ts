import { AppError } from '../../../contract/errors'
import { ggufTypeIds } from './gguf-types'
import type { GgufArrayValue, GgufScalarType, GgufValue } from './gguf-types'

/** Largest header that is read, whatever it claims. Vocabularies of 250 000 pieces take about 10 MB. */
export const MAX_HEADER_BYTES = 128 * 1024 * 1024
const MAX_STRING_BYTES = 16 * 1024 * 1024
const MAX_ARRAY_ELEMENTS = 4 * 1024 * 1024

/** The given bytes end inside the header; reading `needBytes` from the start of the file gets further. */
export class HeaderIncomplete extends Error {
  readonly needBytes: number
  constructor(needBytes: number) {
    super(`the header needs ${String(needBytes)} bytes or more`)
    this.needBytes = needBytes
  }
}

const elementBytes: Record<GgufScalarType, number> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  string: 8, // the length alone
  u64: 8,
  i64: 8,
  f64: 8,
}

const typesById = new Map<number, keyof typeof ggufTypeIds>(
  (Object.keys(ggufTypeIds) as (keyof typeof ggufTypeIds)[]).map((name) => [ggufTypeIds[name], name]),
)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a header out of the first bytes of a file whose real size is known. */
export class HeaderCursor {
  private at = 0
  private readonly view: DataView
  private readonly bytes: Uint8Array
  private readonly fileBytes: number
  private readonly file: string

  constructor(bytes: Uint8Array, fileBytes: number, file: string) {
    this.bytes = bytes
    this.fileBytes = fileBytes
    this.file = file
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get position(): number {
    return this.at
  }

  fail(reason: string): never {
    throw new AppError('model_invalid', `${this.file}: ${reason}`, { file: this.file, reason })
  }

  /** Claims the next bytes; `what` names them in the error. */
  take(count: number, what: string): number {
    const start = this.at
    const end = start + count
    if (end > this.fileBytes) this.fail(`${what} does not fit: ${count} bytes at ${start} of ${this.fileBytes}`)
    if (end > MAX_HEADER_BYTES) this.fail(`${what} lies beyond the ${MAX_HEADER_BYTES} bytes a header may take`)
    if (end > this.bytes.length) throw new HeaderIncomplete(end)
    this.at = end
    return start
  }

  u32(what: string): number {
    return this.view.getUint32(this.take(4, what), true)
  }

  u64(what: string): bigint {
    return this.view.getBigUint64(this.take(8, what), true)
  }

  /** A count or size that must be at most `limit`. */
  size(what: string, limit: number): number {
    const value = this.u64(what)
    if (value > BigInt(limit)) this.fail(`${what} is ${String(value)}, more than ${limit}`)
    return Number(value)
  }

  string(what: string, maxBytes: number): string {
    const length = this.size(`the length of ${what}`, maxBytes)
    const start = this.take(length, what)
    try {
      return utf8.decode(this.bytes.subarray(start, start + length))
    } catch {
      return this.fail(`${what} is not valid UTF-8`)
    }
  }

  valueType(what: string): keyof typeof ggufTypeIds {
    const id = this.u32(`the type of ${what}`)
    return typesById.get(id) ?? this.fail(`${what} has the unknown type ${id}`)
  }

  bool(what: string): boolean {
    const value = this.view.getUint8(this.take(1, what))
    if (value > 1) this.fail(`${what} should be 0 or 1, but is ${value}`)
    return value === 1
  }

  value(what: string): GgufValue {
    const type = this.valueType(what)
    if (type === 'array') return this.array(what)
    if (type === 'string') return { type, value: this.string(what, MAX_STRING_BYTES) }
    if (type === 'bool') return { type, value: this.bool(what) }
    const at = this.take(elementBytes[type], what)
    switch (type) {
      case 'u8':
        return { type, value: this.view.getUint8(at) }
      case 'i8':
        return { type, value: this.view.getInt8(at) }
      case 'u16':
        return { type, value: this.view.getUint16(at, true) }
      case 'i16':
        return { type, value: this.view.getInt16(at, true) }
      case 'u32':
        return { type, value: this.view.getUint32(at, true) }
      case 'i32':
        return { type, value: this.view.getInt32(at, true) }
      case 'f32':
        return { type, value: this.view.getFloat32(at, true) }
      case 'f64':
        return { type, value: this.view.getFloat64(at, true) }
      case 'u64':
        return { type, value: this.view.getBigUint64(at, true) }
      case 'i64':
        return { type, value: this.view.getBigInt64(at, true) }
    }
  }

  private array(what: string): GgufValue {
    const of = this.valueType(`the elements of ${what}`)
    if (of === 'array') this.fail(`${what} is an array of arrays, which is not allowed`)
    const length = this.size(`the number of elements of ${what}`, MAX_ARRAY_ELEMENTS)
    // Before anything is allocated: this many elements take at least this many bytes.
    const least = length * elementBytes[of]
    if (this.at + least > this.fileBytes) {
      this.fail(`${what} has ${length} elements, more than the file can hold`)
    }
    return { type: 'array', of, value: this.elements(of, length, what) }
  }

  private elements(of: GgufScalarType, length: number, what: string): GgufArrayValue {
    if (of === 'string') {
      const strings: string[] = []
      for (let i = 0; i < length; i++) strings.push(this.string(`element ${i} of ${what}`, MAX_STRING_BYTES))
      return strings
    }
    if (of === 'bool') {
      const values: boolean[] = []
      for (let i = 0; i < length; i++) values.push(this.bool(`element ${i} of ${what}`))
      return values
    }
    const count = length * elementBytes[of]
    const start = this.take(count, what)
    // A copy: it is aligned for the typed array, and the read buffer can be freed.
    const copy = this.bytes.slice(start, start + count).buffer
    return new numericArrays[of](copy)
  }
}

const numericArrays: Record<
  Exclude<GgufScalarType, 'string' | 'bool'>,
  new (buffer: ArrayBuffer) => Exclude<GgufArrayValue, readonly string[] | readonly boolean[]>
> = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
}
