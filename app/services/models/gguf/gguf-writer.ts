import { open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../../contract/errors'
import { encodeGgufHeader } from './gguf-encode'
import type { TensorHeader } from './gguf-encode'
import { GGUF_DEFAULT_ALIGNMENT, MAX_DIMENSIONS, MAX_TENSOR_NAME_BYTES, alignUp, tensorBytes } from './gguf-types'
import type { GgmlTypeName, GgufMetadata } from './gguf-types'

/** One tensor to write; its bytes are asked for when its turn comes, so that only one is in memory. */
export interface GgufTensor {
  readonly name: string
  /** ggml order: `shape[0]` is the row length. 1 to 4 positive integers. */
  readonly shape: readonly number[]
  readonly type: GgmlTypeName
  /** The tensor's bytes in any number of chunks; exactly as many as shape and type say. */
  readonly data: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

export interface WriteGgufOptions {
  readonly signal?: AbortSignal | undefined
  /** Called after each chunk with the bytes of tensor data just written. */
  readonly onBytes?: ((bytes: number) => void) | undefined
}

interface PlannedTensor extends TensorHeader {
  readonly bytes: number
  readonly data: GgufTensor['data']
}

function internal(reason: string): AppError {
  return new AppError('internal', reason, { reason })
}

function plan(tensors: readonly GgufTensor[]): PlannedTensor[] {
  const names = new Set<string>()
  let offset = 0
  return tensors.map((tensor) => {
    const { name, shape, type } = tensor
    if (Buffer.byteLength(name) > MAX_TENSOR_NAME_BYTES || name === '') {
      throw internal(`expected a tensor name of 1 to ${MAX_TENSOR_NAME_BYTES} bytes, got "${name}"`)
    }
    if (names.has(name)) throw internal(`tensor "${name}" was given twice`)
    names.add(name)
    const bytes = tensorBytes(type, shape)
    const shapeIsValid =
      shape.length >= 1 && shape.length <= MAX_DIMENSIONS && shape.every((size) => Number.isSafeInteger(size) && size > 0)
    if (!shapeIsValid || bytes === undefined) {
      throw internal(`tensor "${name}" cannot have shape [${shape.join(', ')}] and type ${type}`)
    }
    const planned = { name, shape, type, offset, bytes, data: tensor.data }
    offset = alignUp(offset + bytes, GGUF_DEFAULT_ALIGNMENT)
    return planned
  })
}

/** Bytes that `writeGguf` will write, before anything is written. */
export function ggufFileBytes(metadata: GgufMetadata, tensors: readonly GgufTensor[]): number {
  const planned = plan(tensors)
  const header = alignUp(encodeGgufHeader(metadata, planned).length, GGUF_DEFAULT_ALIGNMENT)
  return planned.reduce((sum, tensor) => sum + alignUp(tensor.bytes, GGUF_DEFAULT_ALIGNMENT), header)
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done)
    done += bytesWritten
  }
}

async function writePadding(file: FileHandle, length: number): Promise<void> {
  await writeAll(file, new Uint8Array(alignUp(length, GGUF_DEFAULT_ALIGNMENT) - length))
}

async function writeTensor(file: FileHandle, tensor: PlannedTensor, options: WriteGgufOptions): Promise<void> {
  let written = 0
  for await (const chunk of tensor.data()) {
    options.signal?.throwIfAborted()
    written += chunk.length
    if (written > tensor.bytes) break
    await writeAll(file, chunk)
    options.onBytes?.(chunk.length)
  }
  if (written !== tensor.bytes) {
    throw internal(`expected ${tensor.bytes} bytes for tensor "${tensor.name}", got ${written} or more`)
  }
  await writePadding(file, tensor.bytes)
}

/** Makes a rename in this folder survive a power cut. Windows cannot open folders; it needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function translate(thrown: unknown, path: string): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return thrown
  const details = { file: path, need: 'more space than there is', free: 'nothing' }
  return new AppError('disk_full', `no space left while writing ${path}`, details, { cause: thrown })
}

/**
 * Writes a GGUF v3 file, tensor after tensor in the given order. The file has a temporary name until it is
 * complete and on disk; nothing is left behind on failure or abort. An existing `path` is replaced.
 * throws: disk_full; AbortError of the signal; internal when a tensor's bytes are not what its header says;
 * whatever a tensor's `data` throws.
 */
export async function writeGguf(
  path: string,
  metadata: GgufMetadata,
  tensors: readonly GgufTensor[],
  options: WriteGgufOptions = {},
): Promise<void> {
  const planned = plan(tensors)
  const header = encodeGgufHeader(metadata, planned)
  const temporary = `${path}.${String(process.pid)}.part`
  try {
    const file = await open(temporary, 'wx')
    try {
      await writeAll(file, header)
      await writePadding(file, header.length)
      for (const tensor of planned) {
        options.signal?.throwIfAborted()
        await writeTensor(file, tensor, options)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw translate(thrown, path)
  }
}
