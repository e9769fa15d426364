import { realpath, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { basename, resolve } from 'node:path'
import { AppError } from '../../contract/errors'
import { shownPath } from '../media/file-path'
import type { LibraryMedia } from './library-media'
import type { FoundItem } from './library-repository'

/** Where a path leads, and what is there. Errors: media_not_found, media_unreadable, media_unsupported. */
export async function locatePath(path: string): Promise<{ realPath: string; stats: Stats }> {
  try {
    const realPath = await realpath(path)
    const stats = await stat(realPath)
    if (stats.isFile() || stats.isDirectory()) return { realPath, stats }
  } catch (error) {
    throw unreadable(path, error)
  }
  const file = basename(path)
  throw new AppError('media_unsupported', `${path}: expected a file or folder`, {
    file,
    reason: 'it is neither a file nor a folder',
  })
}

/** What the file system answered about a path, in our codes. */
export function unreadable(path: string, error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const file = basename(shownPath(path))
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError('media_not_found', `${path}: ${code}`, { file }, { cause: error })
  }
  const reasons: Record<string, string> = {
    EACCES: 'you may not read it',
    EPERM: 'you may not read it',
    ELOOP: 'its links lead in a circle',
    ENAMETOOLONG: 'its name is too long',
  }
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error))
  return new AppError('media_unreadable', `${path}: ${reason}`, { file, reason }, { cause: error })
}

/** Looks at one path and says what it would be in the library. Nothing is saved. */
export async function findItem(
  path: string,
  media: LibraryMedia,
  extra: { sample: boolean; suggestedQuestions: readonly string[] },
  signal: AbortSignal | undefined,
): Promise<FoundItem> {
  const absolute = resolve(path)
  const { realPath, stats } = await locatePath(absolute)
  const common = {
    name: basename(absolute),
    path: absolute,
    realPath,
    modifiedAt: stats.mtimeMs,
    ...extra,
  }
  if (stats.isDirectory()) {
    const files = await media.listFolder(realPath, signal)
    if (files.length === 0) {
      throw new AppError('folder_empty', `${path}: no pictures or videos`, { file: common.name })
    }
    return { ...common, ...folderFacts, files }
  }
  const probed = await media.probe(realPath, signal)
  return { ...common, ...probed, sizeBytes: stats.size, files: [] }
}

const folderFacts = {
  kind: 'folder',
  sizeBytes: 0,
  width: 0,
  height: 0,
  durationSeconds: 0,
  frameRate: 0,
  hasAudio: false,
  pages: 1,
  playable: false,
} as const
