import { basename } from 'node:path'
import { AppError } from '../../../contract/errors'

/** A checkpoint file that is incomplete, damaged or contradicts itself. `file` may be a path: its name is shown. */
export function invalidCheckpoint(file: string, reason: string, cause?: unknown): AppError {
  const details = { file: basename(file), reason }
  return new AppError('checkpoint_invalid', `${file}: ${reason}`, details, { cause })
}

/** A checkpoint that is sound, but of a kind that is not imported. */
export function unsupportedCheckpoint(file: string, reason: string): AppError {
  return new AppError('checkpoint_unsupported', `${file}: ${reason}`, { file: basename(file), reason })
}

/** Why a file could not be read, in words for people. */
export function readFailure(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'the file is missing'
  if (code === 'EACCES' || code === 'EPERM') return 'the file may not be read'
  if (code === 'EISDIR') return 'it is a folder, not a file'
  return `the file cannot be read (${code === '' ? String(thrown) : code})`
}
