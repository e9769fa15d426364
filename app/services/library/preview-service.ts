import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, isCancelled } from '../../contract/errors'
import { toFsPath } from '../media/file-path'
import { randomId } from '../random-id'
import { unreadable } from './find-item'

/** Pictures for the screen, encoded; the media service makes them. All calls reject with `AppError`s. */
export interface PreviewMedia {
  /** One page of a picture file as JPEG, upright, at most `width` pixels wide, never enlarged. `page` from 0. */
  page(path: string, page: number, width: number): Promise<Uint8Array>
  /** The frame shown at a time (the last one past the end) as JPEG, at most `width` pixels wide. */
  frame(path: string, seconds: number, width: number): Promise<Uint8Array>
}

export type PreviewRequest =
  | { readonly kind: 'page'; readonly path: string; readonly page: number; readonly width: number }
  | { readonly kind: 'frame'; readonly path: string; readonly seconds: number; readonly width: number }

export interface Preview {
  readonly bytes: Uint8Array
  readonly type: 'image/jpeg'
  /** Changes when the file or what is asked of it does. */
  readonly tag: string
}

/** Widths that are made; what is asked for is rounded up, so that resizing a window does not fill the cache. */
const WIDTHS = [160, 320, 480, 640, 960, 1280, 1920, 2560, 3840]
/** Made at once: decoding is memory and processor, and a question may be running. */
const AT_ONCE = 2
const PRUNE_EVERY = 500

/** Thumbnails and frames, kept in the cache folder by the content of the file they were made from. */
export class PreviewService {
  readonly #folder: string
  readonly #media: PreviewMedia
  readonly #budgetBytes: number
  readonly #making = new Map<string, Promise<Uint8Array>>()
  readonly #waiting: (() => void)[] = []
  #busy = 0
  #written = 0

  constructor(parts: { cacheFolder: string; media: PreviewMedia; budgetBytes?: number }) {
    this.#folder = join(parts.cacheFolder, 'previews')
    this.#media = parts.media
    this.#budgetBytes = parts.budgetBytes ?? 512 * 2 ** 20
  }

  async get(request: PreviewRequest, signal?: AbortSignal): Promise<Preview> {
    const fitted = { ...request, width: WIDTHS.find((width) => width >= request.width) ?? 3840 }
    const tag = await tagOf(fitted)
    const file = join(this.#folder, tag.slice(0, 2), `${tag}.jpg`)
    const kept = await readFile(file).catch(() => null)
    if (kept !== null) return { bytes: kept, type: 'image/jpeg', tag }
    let making = this.#making.get(tag)
    if (making === undefined) {
      making = this.#make(fitted, file, signal).finally(() => this.#making.delete(tag))
      this.#making.set(tag, making)
    }
    try {
      return { bytes: await making, type: 'image/jpeg', tag }
    } catch (error) {
      // Somebody else asked first and went away; this one still wants it.
      if (isCancelled(error) && signal?.aborted !== true) return await this.get(request, signal)
      throw error
    }
  }

  async #make(request: PreviewRequest, file: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    await this.#turn()
    try {
      // Scrolled past or stepped over while it waited: nobody looks at it any more.
      if (signal?.aborted === true) throw new AppError('cancelled', 'preview not wanted any more')
      const bytes =
        request.kind === 'page'
          ? await this.#media.page(request.path, request.page, request.width)
          : await this.#media.frame(request.path, request.seconds, request.width)
      await this.#keep(file, bytes)
      return bytes
    } finally {
      this.#busy -= 1
      this.#waiting.shift()?.()
    }
  }

  async #turn(): Promise<void> {
    while (this.#busy >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#busy += 1
  }

  /** A cache that cannot be written is no reason not to show the picture. */
  async #keep(file: string, bytes: Uint8Array): Promise<void> {
    const part = `${file}.${randomId()}.part`
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const handle = await open(part, 'wx', 0o600)
      await handle.writeFile(bytes).finally(() => handle.close())
      await rename(part, file)
    } catch {
      await rm(part, { force: true })
      return
    }
    this.#written += 1
    if (this.#written % PRUNE_EVERY === 0) await this.prune()
  }

  /** Deletes the oldest previews until the rest is within the budget. */
  async prune(): Promise<void> {
    const names = await readdir(this.#folder, { recursive: true }).catch(() => [])
    const files = []
    for (const name of names) {
      const path = join(this.#folder, name)
      const stats = await stat(path).catch(() => null)
      if (stats?.isFile() === true) files.push({ path, size: stats.size, time: stats.mtimeMs })
    }
    let total = files.reduce((sum, { size }) => sum + size, 0)
    for (const { path, size } of files.sort((a, b) => a.time - b.time)) {
      if (total <= this.#budgetBytes) return
      await unlink(path).catch(() => undefined)
      total -= size
    }
  }
}

async function tagOf(request: PreviewRequest): Promise<string> {
  // As bytes where it holds some that are not UTF-8: a hash of the text would be the same for all of those.
  const path = toFsPath(request.path)
  let stats
  try {
    stats = await stat(path)
  } catch (error) {
    throw unreadable(request.path, error)
  }
  const place = request.kind === 'page' ? request.page : request.seconds.toFixed(3)
  const key = ['', stats.size, stats.mtimeMs, request.kind, place, request.width]
  return createHash('sha256').update(path).update(key.join('\n')).digest('hex').slice(0, 40)
}
