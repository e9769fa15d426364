import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError } from '../../../contract/errors'
import { parseGgufHeader } from './gguf-header'
import { HeaderIncomplete, MAX_HEADER_BYTES } from './header-cursor'
import type { GgufHeader } from './gguf-header'

export type { GgufHeader, GgufTensorInfo } from './gguf-header'

const FIRST_READ_BYTES = 256 * 1024

async function openModelFile(path: string) {
  try {
    return await open(path, 'r')
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    const file = basename(path)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new AppError('model_not_found', `no file at ${path}`, { file }, { cause: thrown })
    }
    const reason = code === 'EACCES' || code === 'EPERM' ? 'it may not be read' : 'it cannot be opened'
    throw new AppError('model_invalid', `${path}: ${String(code)}`, { file, reason }, { cause: thrown })
  }
}

/** Reads the first bytes of the file; fewer when it is being cut short under our hands. */
async function readStart(path: string, handle: Awaited<ReturnType<typeof openModelFile>>, count: number) {
  const bytes = new Uint8Array(count)
  let done = 0
  while (done < count) {
    const { bytesRead } = await handle.read(bytes, done, count - done, done)
    if (bytesRead === 0) {
      const reason = 'it became shorter while it was read'
      throw new AppError('model_invalid', `${path}: ${reason}`, { file: basename(path), reason })
    }
    done += bytesRead
  }
  return bytes
}

/**
 * The checked header of a GGUF file: metadata and tensor infos, never tensor data. Reads only as much of the file
 * as the header takes, at most 128 MB.
 * throws: model_not_found, model_invalid (details: file, reason; the reason names the key or tensor).
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const handle = await openModelFile(path)
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) {
      const reason = 'it is not a file'
      throw new AppError('model_invalid', `${path}: ${reason}`, { file: basename(path), reason })
    }
    let count = Math.min(FIRST_READ_BYTES, stat.size)
    for (;;) {
      const bytes = await readStart(path, handle, count)
      try {
        return parseGgufHeader(bytes, stat.size, basename(path))
      } catch (thrown) {
        if (!(thrown instanceof HeaderIncomplete)) throw thrown
        // Four times as much each time: the header is parsed again only a few times, whatever its size.
        count = Math.min(Math.max(thrown.needBytes, count * 4), stat.size, MAX_HEADER_BYTES)
      }
    }
  } finally {
    await handle.close()
  }
}
