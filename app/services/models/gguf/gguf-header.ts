import { AppError } from '../../../contract/errors'
import {
  GGUF_DEFAULT_ALIGNMENT,
  GGUF_MAGIC,
  MAX_DIMENSIONS,
  MAX_TENSOR_NAME_BYTES,
  alignUp,
  ggmlTypeById,
  ggufTypeIds,
  tensorBytes,
} from './gguf-types'
import type { GgmlTypeName, GgufArrayValue, GgufScalarType, GgufValue } from './gguf-types'

/*
 * The strict check that every GGUF passes before native code sees it. llama.cpp's own reader has had heap
 * overflows (CVE-2024-21802, CVE-2025-53630, CVE-2026-27940), so nothing here trusts a number of the file:
 * counts and lengths are compared with the bytes that are left before anything is allocated or multiplied.
 */

/** Largest header that is read, whatever it claims. Vocabularies of 250 000 pieces take about 10 MB. */
export const MAX_HEADER_BYTES = 128 * 1024 * 1024
const MAX_METADATA_KEYS = 65_536
const MAX_TENSORS = 1_048_576
const MAX_KEY_BYTES = 1024
const MAX_STRING_BYTES = 16 * 1024 * 1024
const MAX_ARRAY_ELEMENTS = 4 * 1024 * 1024

export interface GgufTensorInfo {
  readonly name: string
  /** ggml order: `shape[0]` is the row length. */
  readonly shape: readonly number[]
  readonly type: GgmlTypeName
  /** From the start of the file. */
  readonly offset: number
  readonly bytes: number
}

export interface GgufHeader {
  readonly version: 2 | 3
  readonly metadata: ReadonlyMap<string, GgufValue>
  /** In file order. */
  readonly tensors: ReadonlyMap<string, GgufTensorInfo>
  readonly alignment: number
  /** Where tensor data begin, from the start of the file. */
  readonly dataOffset: number
  readonly fileBytes: number
}

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
class HeaderCursor {
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

function readMetadata(cursor: HeaderCursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>()
  for (let i = 0; i < count; i++) {
    const key = cursor.string(`the name of metadata key ${i}`, MAX_KEY_BYTES)
    if (key === '') cursor.fail(`metadata key ${i} has an empty name`)
    if (metadata.has(key)) cursor.fail(`metadata key "${key}" occurs twice`)
    metadata.set(key, cursor.value(`metadata key "${key}"`))
  }
  return metadata
}

function readAlignment(cursor: HeaderCursor, metadata: ReadonlyMap<string, GgufValue>): number {
  const entry = metadata.get('general.alignment')
  if (entry === undefined) return GGUF_DEFAULT_ALIGNMENT
  if (entry.type !== 'u32') cursor.fail(`metadata key "general.alignment" should be u32, but is ${entry.type}`)
  const alignment = entry.value
  const isPowerOfTwo = alignment > 0 && (alignment & (alignment - 1)) === 0
  if (!isPowerOfTwo || alignment > 65_536) {
    cursor.fail(`metadata key "general.alignment" should be a power of two up to 65536, but is ${alignment}`)
  }
  return alignment
}

interface RawTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: GgmlTypeName
  readonly bytes: number
  /** From the start of the data section, as the file says. */
  readonly offset: bigint
}

function readTensor(cursor: HeaderCursor, index: number): RawTensor {
  const name = cursor.string(`the name of tensor ${index}`, MAX_TENSOR_NAME_BYTES)
  if (name === '' || name.includes('\0')) cursor.fail(`tensor ${index} has an unusable name`)
  const what = `tensor "${name}"`
  const dimensions = cursor.u32(`the number of dimensions of ${what}`)
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    cursor.fail(`${what} should have 1 to ${MAX_DIMENSIONS} dimensions, but has ${dimensions}`)
  }
  const shape: number[] = []
  for (let i = 0; i < dimensions; i++) {
    const size = cursor.size(`dimension ${i} of ${what}`, Number.MAX_SAFE_INTEGER)
    if (size === 0) cursor.fail(`dimension ${i} of ${what} is 0`)
    shape.push(size)
  }
  const typeId = cursor.u32(`the type of ${what}`)
  const type = ggmlTypeById(typeId) ?? cursor.fail(`${what} has the unknown type ${typeId}`)
  const bytes = tensorBytes(type, shape)
  if (bytes === undefined) cursor.fail(`${what} of type ${type} cannot have the shape [${shape.join(', ')}]`)
  return { name, shape, type, bytes, offset: cursor.u64(`the offset of ${what}`) }
}

/**
 * Every tensor must follow the one before it, padded to the alignment, in the order of the header: that is how GGUF
 * files are written and the only layout llama.cpp takes. It rules out overlaps, holes and bytes that nobody owns.
 */
function placeTensors(
  cursor: HeaderCursor,
  raw: readonly RawTensor[],
  layout: { dataOffset: number; alignment: number; fileBytes: number },
): Map<string, GgufTensorInfo> {
  const { dataOffset, alignment, fileBytes } = layout
  const tensors = new Map<string, GgufTensorInfo>()
  let next = 0
  let end = dataOffset
  for (const { name, shape, type, bytes, offset } of raw) {
    const what = `tensor "${name}"`
    if (tensors.has(name)) cursor.fail(`${what} occurs twice`)
    if (offset % BigInt(alignment) !== 0n) cursor.fail(`${what} has an offset that is not aligned to ${alignment} bytes`)
    if (offset + BigInt(dataOffset) + BigInt(bytes) > BigInt(fileBytes)) {
      cursor.fail(`${what} ends beyond the file: ${bytes} bytes at ${String(offset)}, the file has ${fileBytes} bytes`)
    }
    const start = Number(offset)
    if (start < next) cursor.fail(`${what} overlaps the tensor before it`)
    if (start > next) cursor.fail(`${what} should begin at ${next}, but begins at ${start}`)
    tensors.set(name, { name, shape, type, bytes, offset: dataOffset + start })
    end = dataOffset + start + bytes
    next = alignUp(start + bytes, alignment)
  }
  if (raw.length > 0 && fileBytes > alignUp(end, alignment)) {
    cursor.fail(`the file has ${fileBytes - end} bytes after the last tensor`)
  }
  return tensors
}

/**
 * Parses and checks the header of a GGUF file.
 * bytes: the file's first bytes, as many as there are at hand. fileBytes: the real size of the file. file: its name
 * in error messages.
 * throws: model_invalid naming the key or tensor; HeaderIncomplete when `bytes` end too early.
 */
export function parseGgufHeader(bytes: Uint8Array, fileBytes: number, file: string): GgufHeader {
  const cursor = new HeaderCursor(bytes, fileBytes, file)
  if (cursor.u32('the file mark') !== GGUF_MAGIC) cursor.fail('it does not begin with "GGUF"')
  const version = cursor.u32('the version')
  if (version !== 2 && version !== 3) return cursor.fail(`it has version ${version}; 2 and 3 can be read`)
  const tensorCount = cursor.size('the number of tensors', MAX_TENSORS)
  const keyCount = cursor.size('the number of metadata keys', MAX_METADATA_KEYS)
  const metadata = readMetadata(cursor, keyCount)
  const alignment = readAlignment(cursor, metadata)
  const raw: RawTensor[] = []
  for (let i = 0; i < tensorCount; i++) raw.push(readTensor(cursor, i))
  const dataOffset = alignUp(cursor.position, alignment)
  const tensors = placeTensors(cursor, raw, { dataOffset, alignment, fileBytes })
  return { version, metadata, tensors, alignment, dataOffset, fileBytes }
}
