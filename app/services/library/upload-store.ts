import { constants } from 'node:fs'
import { link, mkdir, open, readdir, realpath, rename, rm, statfs, unlink } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, relative, sep } from 'node:path'
import process from 'node:process'
import { AppError } from '../../contract/errors'
import { formatBytes } from '../../domain/format-bytes'
import { isAbandoned } from '../abandoned'
import { randomId } from '../random-id'

/** Left free on the disk, so that the database and the cache can still be written. */
const RESERVE_BYTES = 256 * 2 ** 20
/** Free space is looked at again after this much. */
const CHECK_EVERY_BYTES = 64 * 2 ** 20
const NAME_LIMIT_BYTES = 200
/** Chosen by the sender for each folder that it sends. */
const SENDING = /^[a-z0-9]{8,32}$/
const MAX_DEPTH = 32
/** A file that is arriving, with its process's number; earlier versions gave none. */
const PART = /^\.[0-9a-f]{20}(?:-(\d+))?\.part$/

/** Where a file of a sent folder belongs. */
export interface FolderPlace {
  /** Tells apart folders of the same name: the same for all files of one folder. */
  readonly sending: string
  /** The folder's name, with those below it that the file lies in, separated by slashes. */
  readonly folder: string
}

export interface UploadLimits {
  /** Largest file accepted. */
  readonly maxBytes: number
  /** Bytes free on the disk of a folder; the default asks the file system. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

/**
 * The host's own media folder: files sent from a browser, and pasted pictures. A file appears under its name only
 * when it is complete and on disk; an upload that breaks off leaves nothing.
 */
export class UploadStore {
  readonly #folder: string
  readonly #limits: UploadLimits

  constructor(folder: string, limits: UploadLimits) {
    this.#folder = folder
    this.#limits = limits
  }

  /**
   * Writes `chunks` and returns the file's path. `size` is what the sender announced, null when it did not.
   * Errors: invalid_input (name, or another size than announced), upload_too_large, disk_full, cancelled.
   */
  async save(
    name: string,
    size: number | null,
    chunks: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<string> {
    return await this.#saveIn(this.#folder, name, size, chunks, signal)
  }

  /**
   * The same for a file of a folder that is sent file by file; returns where that folder is. Files with the same
   * `place` keep their order of folders, e.g. `scans/2024`, and two folders of one name stay apart.
   */
  async saveInFolder(
    place: FolderPlace,
    name: string,
    size: number | null,
    chunks: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<string> {
    const steps = place.folder.split('/').map(toFileName)
    if (!SENDING.test(place.sending) || steps.length > MAX_DEPTH) {
      throw new AppError('invalid_input', `upload: cannot place ${place.sending}/${place.folder}`, {
        reason: 'The folder cannot be kept together under this name',
      })
    }
    await this.#saveIn(join(this.#folder, place.sending, ...steps), name, size, chunks, signal)
    return join(this.#folder, place.sending, steps[0] ?? '')
  }

  /**
   * Deletes what had been sent here for real paths that the library has forgotten. A folder goes with all that came in
   * its sending; what `isUsed` says is still needed stays. Everything outside this folder belongs to the person.
   */
  async forget(realPaths: readonly string[], isUsed: (path: string) => boolean): Promise<void> {
    if (realPaths.length === 0) return
    // The data folder may be reached through a link. Where this folder itself is one, other things may be kept there.
    const root = join(await realpath(dirname(this.#folder)), basename(this.#folder))
    for (const path of realPaths) {
      const inside = relative(root, path)
      const [first = '', ...rest] = inside.split(sep)
      if (first === '' || first === '..' || isAbsolute(inside)) continue
      if (rest.length > 0 && !SENDING.test(first)) continue
      const sent = join(root, first)
      if (isUsed(sent)) continue
      // What another program holds open stays; that is no reason to keep the rest.
      await rm(sent, { recursive: SENDING.test(first), force: true }).catch(() => undefined)
    }
  }

  /** Removes what was arriving when its process died. */
  async removeAbandoned(): Promise<void> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const [match, pid] = PART.exec(entry.name) ?? []
      if (match === undefined || !entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      if (await isAbandoned(path, pid === undefined ? null : Number(pid))) await rm(path, { force: true })
    }
  }

  async #saveIn(
    folder: string,
    name: string,
    size: number | null,
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const safeName = toFileName(name)
    if (size !== null && size > this.#limits.maxBytes) throw this.#tooLarge(safeName)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await this.#checkSpace(safeName, size ?? 0)
    const part = join(folder, `.${randomId()}-${process.pid}.part`)
    try {
      await this.#write(part, safeName, size, chunks, signal)
      return await this.#giveName(part, folder, safeName)
    } catch (error) {
      await unlink(part).catch(() => undefined)
      throw error
    }
  }

  async #write(
    part: string,
    name: string,
    size: number | null,
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const handle = await open(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
    try {
      let written = 0
      let checkAt = CHECK_EVERY_BYTES
      for await (const chunk of chunks) {
        if (signal?.aborted === true) throw new AppError('cancelled', `${name}: upload stopped`)
        if (written + chunk.byteLength > this.#limits.maxBytes) throw this.#tooLarge(name)
        await handle.writeFile(chunk)
        written += chunk.byteLength
        if (written >= checkAt) {
          checkAt += CHECK_EVERY_BYTES
          await this.#checkSpace(name, size === null ? 0 : Math.max(0, size - written))
        }
      }
      if (size !== null && written !== size) {
        throw new AppError('invalid_input', `${name}: expected ${size} bytes, got ${written}`, {
          reason: `"${name}" arrived incomplete`,
        })
      }
      await handle.sync()
    } catch (error) {
      throw toWriteError(name, error)
    } finally {
      await handle.close()
    }
  }

  /** `link` fails when the name is taken, so no other upload's file is ever replaced. */
  async #giveName(part: string, folder: string, name: string): Promise<string> {
    const ending = extname(name)
    const stem = basename(name, ending)
    for (let number = 1; ; number += 1) {
      const path = join(folder, number === 1 ? name : `${stem} (${number})${ending}`)
      try {
        await link(part, path)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined
        if (code === 'EEXIST') continue
        // File systems without hard links (FAT, some network shares).
        if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
        const unique = join(folder, `${stem} ${randomId()}${ending}`)
        await rename(part, unique)
        return unique
      }
      await unlink(part)
      return path
    }
  }

  async #checkSpace(name: string, needBytes: number): Promise<void> {
    const freeBytes = await (this.#limits.freeBytes ?? readFreeBytes)(this.#folder)
    if (freeBytes >= needBytes + RESERVE_BYTES) return
    throw new AppError(
      'disk_full',
      `${name}: expected ${needBytes + RESERVE_BYTES} bytes free, got ${freeBytes}`,
      {
        need: formatBytes(needBytes + RESERVE_BYTES),
        free: formatBytes(freeBytes),
        file: this.#folder,
      },
    )
  }

  #tooLarge(name: string): AppError {
    const limit = formatBytes(this.#limits.maxBytes)
    return new AppError('upload_too_large', `${name}: larger than ${this.#limits.maxBytes} bytes`, {
      file: name,
      limit,
    })
  }
}

async function readFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function toWriteError(name: string, error: unknown): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new AppError(
      'disk_full',
      `${name}: ${error.message}`,
      { need: 'more', free: 'nothing', file: name },
      { cause: error },
    )
  }
  return error
}

/** A name that is one file name everywhere: no folders, no control characters, not hidden, not too long. */
function toFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const clean = last
    .replace(/[\u0000-\u001f\u007f<>:"|?*]/g, '_')
    .replace(/^\.+/, '')
    .trim()
  if (clean === '') {
    throw new AppError('invalid_input', `expected a file name, got ${JSON.stringify(name)}`, {
      reason: 'The file has no usable name',
    })
  }
  const ending = extname(clean).slice(0, 20)
  let stem = clean.slice(0, clean.length - ending.length)
  while (Buffer.byteLength(stem + ending) > NAME_LIMIT_BYTES) stem = stem.slice(0, -1)
  return stem + ending
}
