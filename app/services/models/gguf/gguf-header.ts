import { HeaderCursor } from './header-cursor'
import {
  GGUF_DEFAULT_ALIGNMENT,
  GGUF_MAGIC,
  MAX_DIMENSIONS,
  MAX_TENSOR_NAME_BYTES,
  alignUp,
  ggmlTypeById,
  tensorBytes,
} from './gguf-types'
import type { GgmlTypeName, GgufValue } from './gguf-types'

/*
 * The strict check that every GGUF passes before native code sees it. llama.cpp's own reader has had heap
 * overflows (CVE-2024-21802, CVE-2025-53630, CVE-2026-27940), so nothing here trusts a number of the file:
 * counts and lengths are compared with the bytes that are left before anything is allocated or multiplied.
 */

const MAX_METADATA_KEYS = 65_536
const MAX_TENSORS = 1_048_576
const MAX_KEY_BYTES = 1024

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
