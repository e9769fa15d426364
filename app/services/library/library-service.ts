import { stat } from 'node:fs/promises'
import { toKeptFailure } from '../../contract/error-map'
import { AppError, isCancelled, toAppError } from '../../contract/errors'
import type { AddEvent, FolderEntry, LibraryItem, Sample, SampleKind } from '../../contract/library'
import type { Changes } from '../database/changes'
import type { Database } from '../database/database'
import { checkItems } from './check-items'
import { findItem } from './find-item'
import { type ItemRow, toLibraryItem } from './item-row'
import type { LibraryMedia, ListedFile } from './library-media'
import { type FoundItem, LibraryRepository } from './library-repository'
import { findSample, listSamples } from './sample'

/** Files probed at once while adding; one transaction saves them. */
const BATCH = 4
/** Files on disk are looked at again at most this often. */
const CHECK_AGAIN_MS = 5000

export interface LibraryServiceParts {
  readonly database: Database
  readonly changes: Changes
  readonly media: LibraryMedia
  /** Folder with sample.json and the samples; null when none are bundled. */
  readonly sampleFolder: string | null
  /** How many frames of a video the chosen model is given now. */
  readonly sampling: () => Promise<{ intervalSeconds: number; maxFrames: number }>
  readonly now?: () => number
}

/** Everything the person added: kept in the database, never copied, never changed on disk. */
export class LibraryService {
  readonly #parts: LibraryServiceParts
  readonly #repository: LibraryRepository
  readonly #now: () => number
  readonly #closing = new AbortController()
  #checking: Promise<void> | null = null
  #checkedAt = -Infinity

  constructor(parts: LibraryServiceParts) {
    this.#parts = parts
    this.#now = parts.now ?? Date.now
    this.#repository = new LibraryRepository(parts.database, parts.changes, this.#now)
  }

  /** What is known, at once; files are looked at in the background, and a `library` change tells what was found. */
  list(): LibraryItem[] {
    const rows = this.#repository.list()
    this.#checkSoon(rows)
    return rows.map(toLibraryItem)
  }

  /** The item, also when it was removed and a conversation still speaks of it. Throws `gone`. */
  row(id: string): ItemRow {
    const row = this.#repository.find(id)
    if (row === undefined) throw new AppError('gone', `no library item ${id}`, { what: 'file' })
    return row
  }

  /** The item, if it is in the library now. Throws `gone`. */
  presentRow(id: string): ItemRow {
    const row = this.row(id)
    if (row.removed_at !== null)
      throw new AppError('gone', `library item ${id} was removed`, { what: 'file' })
    return row
  }

  /** A folder that cannot be read counts as an empty one; adding it says why. */
  async count(
    paths: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ images: number; videos: number; folders: number }> {
    const counts = { images: 0, videos: 0, folders: 0 }
    for (const path of paths) {
      const stats = await stat(path).catch(() => null)
      signal?.throwIfAborted()
      if (stats?.isDirectory() === true) {
        counts.folders += 1
        const files = await this.#listFolder(path, signal)
        for (const file of files) counts[file.kind === 'video' ? 'videos' : 'images'] += 1
      } else if (stats?.isFile() === true) {
        const kind = this.#parts.media.kindOf(path)
        if (kind !== null) counts[kind === 'video' ? 'videos' : 'images'] += 1
      }
    }
    return counts
  }

  /**
   * Adds files and folders in the order given. `added` comes after the item is on disk; a path that is in the
   * library already is told again with its old id. Ends early when the signal is aborted; what was told stays.
   */
  async *add(paths: readonly string[], signal?: AbortSignal): AsyncGenerator<AddEvent, void, undefined> {
    const { images, videos } = await this.count(paths, signal)
    yield { kind: 'counted', files: images + videos }
    for (let start = 0; start < paths.length; start += BATCH) {
      const batch = paths.slice(start, start + BATCH)
      const results = await Promise.all(batch.map((path) => this.#find(path, signal)))
      signal?.throwIfAborted()
      const rows = this.#repository.save(
        results.flatMap((result) => (result instanceof AppError ? [] : [result])),
      )
      for (const [index, result] of results.entries()) {
        if (result instanceof AppError) {
          yield { kind: 'refused', path: batch[index] ?? '', failure: toKeptFailure(result) }
        } else {
          const row = rows.shift()
          if (row !== undefined) yield { kind: 'added', item: toLibraryItem(row) }
        }
      }
    }
  }

  /** The bundled samples; none where none are bundled. */
  async samples(): Promise<Sample[]> {
    return await listSamples(this.#parts.sampleFolder)
  }

  async addSample(kind: SampleKind, signal?: AbortSignal): Promise<LibraryItem> {
    const { media, questions } = await findSample(this.#parts.sampleFolder, kind)
    const extra = { sample: true, suggestedQuestions: questions }
    const [row] = this.#repository.save([await findItem(media, this.#parts.media, extra, signal)])
    if (row === undefined) throw new Error('expected the saved sample, got none')
    return toLibraryItem(row)
  }

  /** Takes the item out of the library; the file is not touched. */
  remove(id: string): void {
    this.presentRow(id)
    this.#repository.setRemoved(id, true)
  }

  restore(id: string): LibraryItem {
    this.row(id)
    this.#repository.setRemoved(id, false)
    return toLibraryItem(this.row(id))
  }

  folderEntries(id: string, offset: number, limit: number): FolderEntry[] {
    this.presentRow(id)
    return this.#repository.entries(id, offset, limit)
  }

  /** Throws `gone` for a position that the folder does not have. */
  folderEntry(id: string, index: number): FolderEntry {
    return this.#repository.entry(id, index) ?? noEntry(id, index)
  }

  /** Where an entry is, relative to its folder, as `media/file-path.ts` has it. Throws `gone` as `folderEntry`. */
  entryPath(id: string, index: number): string {
    return this.#repository.entryPath(id, index) ?? noEntry(id, index)
  }

  async plannedFrames(
    id: string,
    range: { start: number; end: number } | null,
    signal?: AbortSignal,
  ): Promise<number[]> {
    const row = this.presentRow(id)
    if (row.kind !== 'video') return []
    const sampling = await this.#parts.sampling()
    return this.#parts.media.planFrames(row.real_path, { ...sampling, range }, signal)
  }

  /** Whether an item, removed ones too, is at a real path or below it. */
  hasBelow(realPath: string): boolean {
    return this.#repository.hasBelow(realPath)
  }

  /** Forgets items removed before `time`; returns their real paths. */
  purge(time: number): string[] {
    return this.#repository.purge(time)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#checking
  }

  async #listFolder(path: string, signal: AbortSignal | undefined): Promise<readonly ListedFile[]> {
    try {
      return await this.#parts.media.listFolder(path, signal)
    } catch (error) {
      if (isCancelled(error)) throw error
      return []
    }
  }

  async #find(path: string, signal: AbortSignal | undefined): Promise<FoundItem | AppError> {
    try {
      return await findItem(path, this.#parts.media, { sample: false, suggestedQuestions: [] }, signal)
    } catch (error) {
      return toAppError(error)
    }
  }

  #checkSoon(rows: readonly ItemRow[]): void {
    if (this.#checking !== null || this.#closing.signal.aborted) return
    if (this.#now() - this.#checkedAt < CHECK_AGAIN_MS) return
    this.#checkedAt = this.#now()
    this.#checking = checkItems(rows, this.#repository, this.#parts.media, this.#closing.signal)
      // What was found cannot be saved, e.g. on a full disk, and nobody asked for it: the next look tries again.
      .catch(() => undefined)
      .finally(() => {
        this.#checking = null
      })
  }
}

function noEntry(id: string, index: number): never {
  throw new AppError('gone', `folder ${id} has no entry ${index}`, { what: 'file' })
}
