import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { AppError } from '../../../contract/errors'
import { formatBytes } from '../../../domain/format-bytes'
import { isAbandoned } from '../../abandoned'

/** Room for directory entries and for what others write meanwhile. */
const SPARE_BYTES = 16 * 1024 * 1024
/** A folder that is being filled, with its process's number; earlier versions gave none. */
const TEMPORARY = /^\..+\.part-(?:(\d+)-)?[0-9a-f]{12}$/

async function refuseExisting(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => null)) !== null) {
    throw new AppError('output_exists', `${folder} exists`, { file: folder })
  }
}

/** throws: disk_full when the disk of `folder` has less than `bytes` free. */
async function checkFreeSpace(folder: string, bytes: number, shownFolder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free >= bytes + SPARE_BYTES) return
  const details = { need: formatBytes(bytes + SPARE_BYTES), free: formatBytes(free), file: shownFolder }
  throw new AppError('disk_full', `${shownFolder} needs ${bytes} bytes, ${free} are free`, details)
}

function temporaryName(target: string): string {
  return `.${basename(target)}.part-${process.pid}-${randomBytes(6).toString('hex')}`
}

/** Removes what `fillNewFolder` was filling in `parent` when its process died. Rejects with what `fs` throws. */
export async function removeAbandonedModels(parent: string): Promise<void> {
  for (const entry of await readdir(parent, { withFileTypes: true })) {
    const [match, pid] = TEMPORARY.exec(entry.name) ?? []
    if (match === undefined || !entry.isDirectory()) continue
    const path = join(parent, entry.name)
    if (await isAbandoned(path, pid === undefined ? null : Number(pid)))
      await rm(path, { recursive: true, force: true })
  }
}

/**
 * Fills a new folder under a temporary name beside `folder` and renames it at the end, so that `folder` is either
 * whole or absent. On failure everything is removed, also parents that were made for it.
 * bytes: disk space that `fill` will need at its peak.
 * throws: output_exists, disk_full, invalid_input (the place cannot be written), and whatever `fill` throws.
 */
export async function fillNewFolder(
  folder: string,
  bytes: number,
  fill: (temporaryFolder: string) => Promise<void>,
): Promise<void> {
  const target = resolve(folder)
  await refuseExisting(target)
  const parent = dirname(target)
  const cannotWrite = (thrown: unknown) => {
    const reason = `"${target}" cannot be made: ${thrown instanceof Error ? thrown.message : String(thrown)}.`
    return new AppError('invalid_input', reason, { reason }, { cause: thrown })
  }
  const made = await mkdir(parent, { recursive: true }).catch((thrown: unknown) => {
    throw cannotWrite(thrown)
  })
  let temporary: string | undefined
  try {
    await checkFreeSpace(parent, bytes, target)
    const name = join(parent, temporaryName(target))
    await mkdir(name).catch((thrown: unknown) => {
      throw cannotWrite(thrown)
    })
    temporary = name
    await fill(temporary)
    // Somebody may have put something there meanwhile.
    await refuseExisting(target)
    await rename(temporary, target)
  } catch (thrown) {
    // Windows refuses while the engine, stopped a moment ago, still closes a file in there.
    const remove = { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }
    if (temporary !== undefined) await rm(temporary, remove)
    if (made !== undefined) await rm(made, remove)
    throw thrown
  }
}
