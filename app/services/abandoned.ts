import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { processExists } from './process-exists'

const HOUR_MS = 3_600_000

/**
 * Whether a file or folder that was begun under a temporary name will never be finished: the process whose number is
 * in its name is gone, and nothing was written to it for a while. `pid` is null for a name without a number, as
 * earlier versions gave; then only time can tell. False also for what is not there.
 */
export async function isAbandoned(path: string, pid: number | null): Promise<boolean> {
  // Our own number on something old is a namesake's, e.g. that of the last run in a container.
  if (pid !== null && pid !== process.pid && processExists(pid)) return false
  // The folder may be shared with another machine, whose processes cannot be asked for.
  const quietMs = pid === null ? 24 * HOUR_MS : HOUR_MS
  const written = await lastWrite(path).catch(() => null)
  return written !== null && Date.now() - written > quietMs
}

/** When something was last written at `path` or below it, milliseconds since 1970. */
async function lastWrite(path: string): Promise<number> {
  const stats = await stat(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  const inside = await Promise.all((await readdir(path)).map((name) => lastWrite(join(path, name))))
  return Math.max(stats.mtimeMs, ...inside)
}
