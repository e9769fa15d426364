import { open, type FileHandle } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join, sep } from 'node:path'
import { AppError } from '../../contract/errors'
import { realPathOf, toFsPath } from '../media/file-path'
import { unreadable } from './find-item'
import type { LibraryService } from './library-service'

/**
 * The real file behind an item, or behind an entry of a folder item. Every part of the path is resolved anew: a file
 * that became a link to somewhere else, or an entry that leads out of its folder, is refused as missing.
 * The path is as `media/file-path.ts` has it.
 */
export async function locateMedia(
  library: LibraryService,
  id: string,
  entry: number | null,
): Promise<string> {
  const row = library.presentRow(id)
  if ((row.kind === 'folder') !== (entry !== null)) {
    throw new AppError('gone', `item ${id}: expected ${row.kind === 'folder' ? 'an entry' : 'no entry'}`, {
      what: 'file',
    })
  }
  const wanted = entry === null ? row.real_path : join(row.real_path, library.entryPath(id, entry))
  let real
  try {
    real = await realPathOf(wanted)
  } catch (error) {
    throw unreadable(wanted, error)
  }
  const isInside = entry === null ? real === row.real_path : real.startsWith(withSeparator(row.real_path))
  if (!isInside) throw new AppError('media_not_found', `${wanted} leads to ${real}`, { file: row.name })
  return real
}

function withSeparator(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep
}

/** Opens a located file; a link put in its place since then is refused. The caller closes the handle. */
export async function openLocated(real: string): Promise<FileHandle> {
  let handle
  try {
    handle = await open(toFsPath(real), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    throw unreadable(real, error)
  }
  const stats = await handle.stat()
  if (stats.isFile()) return handle
  await handle.close()
  throw new AppError('media_not_found', `${real}: expected a file`, { file: real })
}
