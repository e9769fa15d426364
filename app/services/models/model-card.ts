import { constants } from 'node:fs'
import { open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../contract/errors'
import { MAX_CARD_BYTES } from '../../contract/models'
import { formatBytes } from '../../domain/format-bytes'
import { CARD_FILE } from '../../domain/model-description'
import { withoutFrontMatter } from '../../domain/text/front-matter'
import { invalidCheckpoint, readFailure } from './checkpoint/checkpoint-errors'

/** What `open` says of a name that is no file of this folder: missing, or a link, which could lead anywhere. */
const NO_CARD = new Set(['ENOENT', 'ENOTDIR', 'ELOOP'])

/**
 * The model card in a model's folder, as Markdown without front matter; null when there is none. Links are not followed.
 * throws: media_unreadable when it is larger than MAX_CARD_BYTES or may not be read.
 */
export async function readModelCard(folder: string): Promise<string | null> {
  const path = join(folder, CARD_FILE)
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path, flags).catch((thrown: unknown) => {
    if (NO_CARD.has(String((thrown as NodeJS.ErrnoException).code))) return null
    throw unreadable(path, readFailure(thrown), thrown)
  })
  if (handle === null) return null
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) return null
    if (stats.size > MAX_CARD_BYTES) throw unreadable(path, `it is larger than ${formatBytes(MAX_CARD_BYTES)}`)
    const markdown = withoutFrontMatter(await handle.readFile('utf8'))
    return markdown === '' ? null : markdown
  } finally {
    await handle.close()
  }
}

function unreadable(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('media_unreadable', `${path}: ${reason}`, { file: CARD_FILE, reason }, { cause })
}

/**
 * Copies the model card of a checkpoint into the model's folder; one too large to be shown stays behind.
 * throws: checkpoint_invalid when it may not be read.
 */
export async function carryModelCard(checkpointFolder: string, folder: string): Promise<void> {
  const source = join(checkpointFolder, CARD_FILE)
  // Downloaded checkpoints often consist of links into a cache: these are followed.
  const stats = await stat(source).catch(() => null)
  if (stats === null || !stats.isFile() || stats.size > MAX_CARD_BYTES) return
  const card = await readFile(source).catch((thrown: unknown) => {
    throw invalidCheckpoint(source, readFailure(thrown), thrown)
  })
  await writeFile(join(folder, CARD_FILE), card)
}
