import { AppError } from '../../contract/errors'

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const BUSY = 5
const LOCKED = 6
const CORRUPT = 11
const FULL = 13
const NOT_A_DATABASE = 26

/** The primary result code of what node:sqlite threw; undefined for anything else. */
function primaryCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number')
    return undefined
  return thrown.errcode & 0xff
}

export function isBusy(thrown: unknown): boolean {
  const code = primaryCode(thrown)
  return code === BUSY || code === LOCKED
}

/** What SQLite says, in our codes; other errors come back unchanged. */
export function translateSqliteError(thrown: unknown, file: string): unknown {
  const code = primaryCode(thrown)
  if (code === undefined || !(thrown instanceof Error)) return thrown
  const reason = thrown.message
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    return new AppError('database_damaged', `${file}: ${reason}`, { file, reason }, { cause: thrown })
  }
  if (code === FULL) {
    return new AppError(
      'disk_full',
      `${file}: ${reason}`,
      { file, need: 'a little', free: 'nothing' },
      { cause: thrown },
    )
  }
  return new AppError('internal', `${file}: ${reason}`, { reason }, { cause: thrown })
}

/** Busy waits are short: other processes hold the lock for one small transaction. */
const PAUSE_MS = 20
const GIVE_UP_MS = 10_000

/**
 * Runs `work` again while SQLite answers "busy" in a place where its own busy timeout does not apply (switching to
 * WAL, recovering after a crash, the last reader closing). Blocks the thread, as node:sqlite does.
 */
export function retryWhileBusy<T>(work: () => T): T {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  const deadline = performance.now() + GIVE_UP_MS
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      Atomics.wait(pause, 0, 0, PAUSE_MS)
    }
  }
}
