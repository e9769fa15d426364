import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { invalidCheckpoint, readFailure, unsupportedCheckpoint } from './checkpoint-errors'
import { fileExists, readJson } from './read-small-file'
import { headerLength, parseSafetensorsHeader } from './safetensors-header'
import type { SafetensorsEntry } from './safetensors-header'

const WEIGHTS_FILE = 'model.safetensors'
const INDEX_FILE = 'model.safetensors.index.json'
const PICKLE_FILES = ['pytorch_model.bin', 'pytorch_model.bin.index.json']

/** Largest piece of a tensor in memory. Divisible by every block and element size. */
const CHUNK_BYTES = 8 * 1024 * 1024

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })

export interface CheckpointTensor extends SafetensorsEntry {
  /** Full path of the file that holds it. */
  readonly file: string
}

interface OpenFile {
  readonly path: string
  readonly handle: FileHandle
}

async function readExactly(file: OpenFile, target: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < target.length) {
    const { bytesRead } = await file.handle.read(target, done, target.length - done, position + done)
    if (bytesRead === 0) throw invalidCheckpoint(file.path, 'it became shorter while it was read')
    done += bytesRead
  }
}

/**
 * The weights of a checkpoint folder, in one safetensors file or in shards with an index.
 * Owns the open files: call `close()`.
 */
export class CheckpointTensors {
  /** The weights file, or the index of the shards: named when a tensor is in none of them. */
  readonly file: string
  /** By name, over all files. */
  readonly entries: ReadonlyMap<string, CheckpointTensor>
  private readonly files: ReadonlyMap<string, OpenFile>

  private constructor(file: string, entries: Map<string, CheckpointTensor>, files: Map<string, OpenFile>) {
    this.file = file
    this.entries = entries
    this.files = files
  }

  /**
   * Opens all files of a folder and checks their headers.
   * throws: checkpoint_invalid naming file and tensor; checkpoint_unsupported when the weights are pickled.
   */
  static async open(folder: string): Promise<CheckpointTensors> {
    const { names, weightMap } = await weightFiles(folder)
    const files = new Map<string, OpenFile>()
    const entries = new Map<string, CheckpointTensor>()
    const tensors = new CheckpointTensors(join(folder, weightMap === null ? WEIGHTS_FILE : INDEX_FILE), entries, files)
    try {
      for (const name of names) {
        const file = await openFile(join(folder, name))
        files.set(file.path, file)
        await addEntries(entries, file)
      }
      if (weightMap !== null) checkWeightMap(folder, weightMap, entries)
      return tensors
    } catch (thrown) {
      await tensors.close()
      throw thrown
    }
  }

  /**
   * The bytes of a tensor in pieces of at most 8 MB. Each piece is overwritten by the next one.
   * throws: checkpoint_invalid when the file changes underneath; AbortError of the signal.
   */
  async *read(tensor: CheckpointTensor, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const file = this.files.get(tensor.file)
    if (file === undefined) throw invalidCheckpoint(tensor.file, 'it is closed')
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, tensor.bytes))
    for (let done = 0; done < tensor.bytes; done += buffer.length) {
      signal?.throwIfAborted()
      const piece = buffer.subarray(0, Math.min(buffer.length, tensor.bytes - done))
      await readExactly(file, piece, tensor.offset + done)
      yield piece
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.handle.close()))
  }
}

/** Whether a folder has weights that can be read. */
export async function hasWeights(folder: string): Promise<boolean> {
  return (await fileExists(join(folder, WEIGHTS_FILE))) || (await fileExists(join(folder, INDEX_FILE)))
}

async function weightFiles(folder: string): Promise<{ names: string[]; weightMap: Record<string, string> | null }> {
  if (await fileExists(join(folder, WEIGHTS_FILE))) return { names: [WEIGHTS_FILE], weightMap: null }
  const index = join(folder, INDEX_FILE)
  if (!(await fileExists(index))) return await refuseWithoutWeights(folder)
  const { weight_map: weightMap } = await readJson(index, indexSchema)
  const names = [...new Set(Object.values(weightMap))].sort()
  if (names.length === 0) throw invalidCheckpoint(index, 'its weight_map is empty')
  for (const name of names) {
    // A name with a folder in it could point anywhere on this machine.
    if (!/^[\w.-]+\.safetensors$/u.test(name) || name.includes('..')) {
      throw invalidCheckpoint(index, `weight_map names "${name}", which is not a plain .safetensors file name`)
    }
    if (!(await fileExists(join(folder, name)))) {
      throw invalidCheckpoint(index, `weight_map names "${name}", which is missing or may not be read`)
    }
  }
  return { names, weightMap }
}

async function refuseWithoutWeights(folder: string): Promise<never> {
  for (const name of PICKLE_FILES) {
    if (await fileExists(join(folder, name))) {
      throw unsupportedCheckpoint(
        join(folder, name),
        `the weights are pickled Python objects, which can run code when they are opened; get ${WEIGHTS_FILE} of the same model instead`,
      )
    }
  }
  throw invalidCheckpoint(join(folder, WEIGHTS_FILE), `there is neither this file nor ${INDEX_FILE} in ${folder}`)
}

async function openFile(path: string): Promise<OpenFile> {
  try {
    return { path, handle: await open(path, 'r') }
  } catch (thrown) {
    throw invalidCheckpoint(path, readFailure(thrown), thrown)
  }
}

async function addEntries(entries: Map<string, CheckpointTensor>, file: OpenFile): Promise<void> {
  const stat = await file.handle.stat()
  if (!stat.isFile()) throw invalidCheckpoint(file.path, 'it is not a file')
  const first = new Uint8Array(Math.min(8, stat.size))
  await readExactly(file, first, 0)
  const json = new Uint8Array(headerLength(first, stat.size, file.path))
  await readExactly(file, json, 8)
  for (const entry of parseSafetensorsHeader(json, stat.size, file.path)) {
    const other = entries.get(entry.name)
    if (other !== undefined) {
      throw invalidCheckpoint(file.path, `tensor "${entry.name}" is also in ${basename(other.file)}`)
    }
    entries.set(entry.name, { ...entry, file: file.path })
  }
}

function checkWeightMap(
  folder: string,
  weightMap: Record<string, string>,
  entries: ReadonlyMap<string, CheckpointTensor>,
): void {
  const index = join(folder, INDEX_FILE)
  for (const [name, file] of Object.entries(weightMap)) {
    const entry = entries.get(name)
    if (entry === undefined) throw invalidCheckpoint(index, `tensor "${name}" should be in ${file}, but is not`)
    if (entry.file !== join(folder, file)) {
      throw invalidCheckpoint(index, `tensor "${name}" should be in ${file}, but is in ${basename(entry.file)}`)
    }
  }
  for (const entry of entries.values()) {
    if (!Object.hasOwn(weightMap, entry.name)) {
      throw invalidCheckpoint(index, `tensor "${entry.name}" of ${basename(entry.file)} is not in its weight_map`)
    }
  }
}
