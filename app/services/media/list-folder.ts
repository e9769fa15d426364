import { readdir, stat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { join } from 'node:path'
import { sortNaturally } from '../../domain/natural-order'
import { throwIfCancelled, toFileError, unsupported } from './file-identity'
import { decodeFileName, realPathOf, toFsPath } from './file-path'
import { kindOfName } from '../../domain/media/media-kinds'

export interface ListedMedia {
  readonly path: string
  /** Relative to the folder. */
  readonly name: string
  /** By its name's ending. */
  readonly kind: 'video' | 'image'
}

export interface FolderListing {
  readonly files: readonly ListedMedia[]
  /** Folders below that could not be read. */
  readonly unreadable: readonly string[]
}

export interface ListFolderOptions {
  readonly signal?: AbortSignal | undefined
  /** Called after each folder with the files found so far. */
  readonly onProgress?: (files: number) => void
}

interface Walk extends ListFolderOptions {
  readonly files: ListedMedia[]
  readonly unreadable: string[]
  /** Real paths of the folders on the way down and of those done: each is listed once, so links cannot lead in a circle. */
  readonly seen: Set<string>
}

type Entry = Dirent<Buffer>

async function isFolder(path: string, entry: Entry): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return await stat(toFsPath(path)).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}

async function walk(folder: string, prefix: string, state: Walk): Promise<void> {
  throwIfCancelled(state.signal)
  const real = await realPathOf(folder)
  if (state.seen.has(real)) return
  state.seen.add(real)
  const entries = await readdir(toFsPath(folder), { withFileTypes: true, encoding: 'buffer' })
  const named = entries
    .map((entry) => ({ entry, name: decodeFileName(entry.name) }))
    .filter(({ name }) => !name.startsWith('.'))
  for (const { entry, name } of sortNaturally(named, (item) => item.name)) {
    const path = join(folder, name)
    const kind = kindOfName(name)
    if (kind !== null && entry.isFile()) state.files.push({ path, name: prefix + name, kind })
    else if (entry.isDirectory() || entry.isSymbolicLink())
      await follow(path, prefix + name, kind, entry, state)
  }
  state.onProgress?.(state.files.length)
}

async function follow(
  path: string,
  name: string,
  kind: 'video' | 'image' | null,
  entry: Entry,
  state: Walk,
): Promise<void> {
  if (await isFolder(path, entry)) {
    try {
      await walk(path, `${name}/`, state)
    } catch (thrown) {
      if (thrown instanceof Error && 'syscall' in thrown) state.unreadable.push(path)
      else throw thrown
    }
  } else if (kind !== null) {
    // A link to a file; whether it leads anywhere shows when it is opened.
    state.files.push({ path, name, kind })
  }
}

/**
 * Lists pictures and videos below a folder: recursively, in natural order, folder by folder, hidden ones left out. Links are
 * followed, each folder once.
 * throws: media_not_found, media_unreadable, media_unsupported for something that is no folder, cancelled.
 */
export async function listFolder(folder: string, options: ListFolderOptions = {}): Promise<FolderListing> {
  const state: Walk = { ...options, files: [], unreadable: [], seen: new Set() }
  try {
    if (!(await stat(toFsPath(folder))).isDirectory()) throw unsupported(folder, 'it is no folder')
    await walk(folder, '', state)
  } catch (thrown) {
    throw toFileError(thrown, folder)
  }
  return { files: state.files, unreadable: state.unreadable }
}
