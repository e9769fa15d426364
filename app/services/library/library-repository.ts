import { sep } from 'node:path'
import { z } from 'zod'
import type { KeptFailure } from '../../contract/error-map'
import type { FolderEntry } from '../../contract/library'
import type { Changes } from '../database/changes'
import type { Database } from '../database/database'
import { decodeFileName, shownPath, toFsPath } from '../media/file-path'
import { randomId } from '../random-id'
import { type ItemRow, itemRow } from './item-row'
import type { ListedFile } from './library-media'

/** What is found out about a path before it is saved. */
export interface FoundItem {
  readonly kind: 'video' | 'image' | 'folder'
  readonly name: string
  readonly path: string
  readonly realPath: string
  readonly sizeBytes: number
  /** Milliseconds since 1970, with fractions as the file system has them. */
  readonly modifiedAt: number
  readonly width: number
  readonly height: number
  readonly durationSeconds: number
  readonly frameRate: number
  readonly hasAudio: boolean
  readonly pages: number
  readonly playable: boolean
  readonly files: readonly ListedFile[]
  readonly sample: boolean
  readonly suggestedQuestions: readonly string[]
}

const SAVE = `
  INSERT INTO items (id, kind, name, path, real_path, added_at, size_bytes, modified_at, width, height,
    duration_seconds, frame_rate, has_audio, pages, entries, playable, sample, suggested_questions)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (real_path) DO UPDATE SET
    kind = excluded.kind, path = excluded.path, size_bytes = excluded.size_bytes,
    modified_at = excluded.modified_at, width = excluded.width, height = excluded.height,
    duration_seconds = excluded.duration_seconds, frame_rate = excluded.frame_rate,
    has_audio = excluded.has_audio, pages = excluded.pages, entries = excluded.entries,
    playable = excluded.playable, sample = max(items.sample, excluded.sample),
    suggested_questions = CASE WHEN excluded.sample = 1 THEN excluded.suggested_questions
      ELSE items.suggested_questions END,
    added_at = CASE WHEN items.removed_at IS NULL THEN items.added_at ELSE excluded.added_at END,
    problem = NULL, removed_at = NULL
  RETURNING *`

const entryRow = z.object({
  position: z.number(),
  name: z.string(),
  raw_name: z.instanceof(Uint8Array).nullable(),
  kind: z.enum(['video', 'image']),
})
type EntryRow = z.infer<typeof entryRow>

export class LibraryRepository {
  readonly #database: Database
  readonly #changes: Changes
  readonly #now: () => number

  constructor(database: Database, changes: Changes, now: () => number) {
    this.#database = database
    this.#changes = changes
    this.#now = now
  }

  list(): ItemRow[] {
    return this.#database.all(
      itemRow,
      'SELECT * FROM items WHERE removed_at IS NULL ORDER BY added_at DESC, rowid DESC',
    )
  }

  /** Removed items too: conversations go on speaking of them. */
  find(id: string): ItemRow | undefined {
    return this.#database.get(itemRow, 'SELECT * FROM items WHERE id = ?', id)
  }

  findByRealPath(realPath: string): ItemRow | undefined {
    return this.#database.get(itemRow, 'SELECT * FROM items WHERE real_path = ?', realPath)
  }

  /** Whether an item, removed ones too, is at a real path or below it. */
  hasBelow(realPath: string): boolean {
    const found = this.#database.get(
      z.object({ id: z.string() }),
      'SELECT id FROM items WHERE real_path = ?1 OR substr(real_path, 1, length(?2)) = ?2 LIMIT 1',
      realPath,
      realPath + sep,
    )
    return found !== undefined
  }

  /** Saves all in one transaction. A path that is known already keeps its id and comes back if it was removed. */
  save(found: readonly FoundItem[]): ItemRow[] {
    return this.#changes.write(['library'], () => found.map((item) => this.#saveOne(item)))
  }

  /** True when there was something to change. */
  setRemoved(id: string, removed: boolean): boolean {
    return this.#changes.write(
      ['library'],
      () =>
        this.#database.run(
          'UPDATE items SET removed_at = ? WHERE id = ? AND (removed_at IS NULL) = ?',
          removed ? this.#now() : null,
          id,
          removed ? 1 : 0,
        ) > 0,
    )
  }

  setProblem(id: string, problem: KeptFailure | null): void {
    this.#changes.write(['library'], () => {
      this.#database.run(
        'UPDATE items SET problem = ? WHERE id = ?',
        problem === null ? null : JSON.stringify(problem),
        id,
      )
    })
  }

  entries(id: string, offset: number, limit: number): FolderEntry[] {
    return this.#entryRows(id, offset, limit).map(({ position, name, kind }) => ({
      index: position,
      name,
      kind,
    }))
  }

  entry(id: string, index: number): FolderEntry | undefined {
    return this.entries(id, index, 1).find((entry) => entry.index === index)
  }

  /** Path of an entry relative to its folder, as `media/file-path.ts` has it; `name` is what of it can be shown. */
  entryPath(id: string, index: number): string | undefined {
    const row = this.#entryRows(id, index, 1).find(({ position }) => position === index)
    if (row === undefined || row.raw_name === null) return row?.name
    return decodeFileName(Buffer.from(row.raw_name))
  }

  /** Forgets items that were removed before `time` and that no conversation speaks of; returns their real paths. */
  purge(time: number): string[] {
    const rows = this.#database.all(
      itemRow,
      `SELECT * FROM items WHERE removed_at < ? AND NOT EXISTS
         (SELECT 1 FROM turn_media WHERE turn_media.item_id = items.id)`,
      time,
    )
    this.#database.transaction(() => {
      for (const row of rows) this.#database.run('DELETE FROM items WHERE id = ?', row.id)
    })
    return rows.map((row) => row.real_path)
  }

  #entryRows(id: string, offset: number, limit: number): EntryRow[] {
    return this.#database.all(
      entryRow,
      'SELECT * FROM folder_entries WHERE item_id = ? AND position >= ? ORDER BY position LIMIT ?',
      id,
      offset,
      limit,
    )
  }

  #saveOne(item: FoundItem): ItemRow {
    const row = this.#database.get(
      itemRow,
      SAVE,
      randomId(),
      item.kind,
      item.name,
      item.path,
      item.realPath,
      this.#now(),
      item.sizeBytes,
      item.modifiedAt,
      item.width,
      item.height,
      item.durationSeconds,
      item.frameRate,
      item.hasAudio ? 1 : 0,
      item.pages,
      item.files.length,
      item.playable ? 1 : 0,
      item.sample ? 1 : 0,
      JSON.stringify(item.suggestedQuestions),
    )
    if (row === undefined) throw new Error(`expected the saved row of ${item.realPath}, got none`)
    this.#database.run('DELETE FROM folder_entries WHERE item_id = ?', row.id)
    item.files.forEach((file, position) => {
      const path = toFsPath(file.name)
      this.#database.run(
        'INSERT INTO folder_entries (item_id, position, name, raw_name, kind) VALUES (?, ?, ?, ?, ?)',
        row.id,
        position,
        shownPath(file.name),
        typeof path === 'string' ? null : path,
        file.kind,
      )
    })
    return row
  }
}
