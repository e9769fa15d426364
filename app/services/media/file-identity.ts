import { stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { AppError } from '../../contract/errors'
import { shownPath, toFsPath } from './file-path'
import type { MediaIdentity } from './media-info'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the disk reported an error',
  EMFILE: 'too many files are open',
}

/** Turns what `fs` throws for a file that is only read into an `AppError`; anything else stays as it is. */
export function toFileError(thrown: unknown, path: string): unknown {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return thrown
  if (thrown instanceof AppError) return thrown
  const file = shownPath(path)
  const { code } = thrown
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ERR_INVALID_ARG_VALUE') {
    return new AppError(
      'media_not_found',
      `expected a file at ${file}, got ${code}`,
      { file },
      { cause: thrown },
    )
  }
  const reason = reasons[code] ?? `the system reported ${code}`
  return new AppError('media_unreadable', `reading ${file}: ${code}`, { file, reason }, { cause: thrown })
}

export function unsupported(path: string, reason: string, cause?: unknown): AppError {
  const file = shownPath(path)
  return new AppError('media_unsupported', `${file}: ${reason}`, { file, reason }, { cause })
}

export function damaged(path: string, reason: string, cause?: unknown): AppError {
  const file = shownPath(path)
  return new AppError('media_damaged', `${file}: ${reason}`, { file, reason }, { cause })
}

/** What a path is when it is not a regular file. */
function otherKind(stats: Stats): string {
  if (stats.isDirectory()) return 'it is a folder'
  if (stats.isFIFO()) return 'it is a named pipe'
  if (stats.isSocket()) return 'it is a socket'
  return 'it is a device'
}

/**
 * Checks that a path is a readable regular file with something in it, without opening it (opening a named pipe would
 * wait for ever).
 * throws: media_not_found, media_unreadable, media_unsupported, media_empty.
 */
export async function identify(path: string): Promise<MediaIdentity> {
  let stats: Stats
  try {
    stats = await stat(toFsPath(path))
  } catch (thrown) {
    throw toFileError(thrown, path)
  }
  if (!stats.isFile()) throw unsupported(path, otherKind(stats))
  const file = shownPath(path)
  if (stats.size === 0) throw new AppError('media_empty', `${file} has no bytes`, { file })
  return { sizeBytes: stats.size, mtimeMs: stats.mtimeMs }
}

export function isSame(a: MediaIdentity, b: MediaIdentity): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeMs === b.mtimeMs
}

/** throws: media_changed when the file is not the one that was probed, and whatever `identify` throws. */
export async function checkUnchanged(path: string, identity: MediaIdentity): Promise<void> {
  const now = await identify(path)
  if (isSame(now, identity)) return
  const file = shownPath(path)
  throw new AppError('media_changed', `${file}: size or time of change differ from when it was probed`, {
    file,
  })
}

/** throws: cancelled, for work between two runs of a program. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AppError('cancelled', 'the signal was aborted')
}
