import { z } from 'zod'
import { invalidCheckpoint } from './checkpoint-errors'
import { parseJson } from './read-small-file'

/** Longest header that the safetensors format allows. */
export const MAX_SAFETENSORS_HEADER_BYTES = 100 * 1000 * 1000

/** Bytes of one element; weights are read from the first three only. */
const dtypeBytes = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
} as const

export type SafetensorsType = keyof typeof dtypeBytes
export type WeightType = 'F32' | 'F16' | 'BF16'

export interface SafetensorsEntry {
  readonly name: string
  readonly dtype: SafetensorsType
  /** PyTorch order; empty for a single number. */
  readonly shape: readonly number[]
  /** From the start of the file. */
  readonly offset: number
  readonly bytes: number
}

const headerSchema = z.record(z.string(), z.unknown())
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)).max(8),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
})

/**
 * The length of the JSON header, from the first 8 bytes.
 * throws: checkpoint_invalid when it cannot be true of a file of `fileBytes` bytes.
 */
export function headerLength(first: Uint8Array, fileBytes: number, file: string): number {
  if (first.length < 8) throw invalidCheckpoint(file, 'it is too short to be a safetensors file')
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true)
  if (length > BigInt(MAX_SAFETENSORS_HEADER_BYTES) || length + 8n > BigInt(fileBytes)) {
    throw invalidCheckpoint(file, `its header claims ${String(length)} bytes; the file has ${fileBytes}`)
  }
  if (length < 2n) throw invalidCheckpoint(file, 'its header is empty')
  return Number(length)
}

function parseEntry(file: string, name: string, value: unknown, dataStart: number, fileBytes: number): SafetensorsEntry {
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) {
    throw invalidCheckpoint(file, `tensor "${name}" has a malformed entry in the header`, parsed.error)
  }
  const { dtype, shape } = parsed.data
  const [begin, end] = parsed.data.data_offsets
  if (!Object.hasOwn(dtypeBytes, dtype)) throw invalidCheckpoint(file, `tensor "${name}" has the unknown type ${dtype}`)
  const known = dtype as SafetensorsType
  const bytes = shape.reduce((product, size) => product * size, dtypeBytes[known])
  if (!Number.isSafeInteger(bytes)) throw invalidCheckpoint(file, `tensor "${name}" is larger than any file`)
  if (dataStart + end > fileBytes) {
    throw invalidCheckpoint(
      file,
      `tensor "${name}" ends beyond the file: at byte ${dataStart + end} of ${fileBytes}; the file may be incomplete`,
    )
  }
  if (end - begin !== bytes) {
    throw invalidCheckpoint(
      file,
      `tensor "${name}" of shape [${shape.join(', ')}] and type ${dtype} needs ${bytes} bytes, but has ${end - begin}`,
    )
  }
  return { name, dtype: known, shape, offset: dataStart + begin, bytes }
}

/** The format wants every byte owned by exactly one tensor. */
function checkNoOverlapNoHole(file: string, entries: readonly SafetensorsEntry[], dataStart: number, fileBytes: number) {
  const sorted = entries.toSorted((a, b) => a.offset - b.offset || a.bytes - b.bytes)
  let next = dataStart
  let previous = ''
  for (const { name, offset, bytes } of sorted) {
    if (offset < next) throw invalidCheckpoint(file, `tensors "${previous}" and "${name}" overlap`)
    if (offset > next) throw invalidCheckpoint(file, `there are ${offset - next} bytes of no tensor before "${name}"`)
    next = offset + bytes
    previous = name
  }
  if (next !== fileBytes) throw invalidCheckpoint(file, `there are ${fileBytes - next} bytes after the last tensor`)
}

/**
 * Parses and checks the JSON header of a safetensors file.
 * json: the bytes after the 8 length bytes. file: name or path for error messages.
 * throws: checkpoint_invalid naming the file and the tensor.
 */
export function parseSafetensorsHeader(json: Uint8Array, fileBytes: number, file: string): SafetensorsEntry[] {
  if (json[0] !== 0x7b) throw invalidCheckpoint(file, 'its header is not a JSON object')
  const header = parseJson(file, Buffer.from(json.buffer, json.byteOffset, json.length).toString('utf8'), headerSchema)
  const dataStart = 8 + json.length
  const entries: SafetensorsEntry[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue
    entries.push(parseEntry(file, name, value, dataStart, fileBytes))
  }
  checkNoOverlapNoHole(file, entries, dataStart, fileBytes)
  return entries
}
