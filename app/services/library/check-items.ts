import { isDeepStrictEqual } from 'node:util'
import { toKeptFailure } from '../../contract/error-map'
import { isCancelled, toAppError } from '../../contract/errors'
import { findItem, locatePath } from './find-item'
import type { ItemRow } from './item-row'
import type { LibraryMedia } from './library-media'
import type { LibraryRepository } from './library-repository'

/** Files are looked at in the background, this many at a time. */
const AT_ONCE = 8

/**
 * Finds out which items went missing, came back, or changed since they were added. A changed file is probed again; a
 * missing one keeps its row with the problem, because it may be on a disk that is not plugged in. Throws what writing to
 * the database throws.
 */
export async function checkItems(
  rows: readonly ItemRow[],
  repository: LibraryRepository,
  media: LibraryMedia,
  signal: AbortSignal,
): Promise<void> {
  for (let start = 0; start < rows.length && !signal.aborted; start += AT_ONCE) {
    await Promise.all(
      rows.slice(start, start + AT_ONCE).map((row) => checkItem(row, repository, media, signal)),
    )
  }
}

async function checkItem(
  row: ItemRow,
  repository: LibraryRepository,
  media: LibraryMedia,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { realPath, stats } = await locatePath(row.path)
    const isSame =
      realPath === row.real_path &&
      stats.mtimeMs === row.modified_at &&
      (row.kind === 'folder' || stats.size === row.size_bytes)
    if (isSame && row.problem === null) return
    const found = await findItem(
      row.path,
      media,
      { sample: row.sample, suggestedQuestions: row.suggested_questions },
      signal,
    )
    // A link that leads elsewhere now is another file: the item stays what the person added.
    if (found.realPath !== row.real_path) await locatePath(row.real_path)
    else if (!signal.aborted) repository.save([found])
  } catch (error) {
    if (signal.aborted || isCancelled(error)) return
    const problem = toKeptFailure(toAppError(error))
    if (!isDeepStrictEqual(problem, row.problem)) repository.setProblem(row.id, problem)
  }
}
