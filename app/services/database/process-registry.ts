import { readFileSync } from 'node:fs'
import process from 'node:process'
import { z } from 'zod'
import { processExists } from '../process-exists'
import { randomId } from '../random-id'
import type { Database } from './database'

/** How often a process says that it is alive, and for how long it is believed where nothing better can be asked. */
export const HEARTBEAT_MS = 5000
const BELIEVED_MS = 4 * HEARTBEAT_MS

const processRow = z.object({
  id: z.string(),
  pid: z.number(),
  started: z.string(),
  heartbeat_at: z.number(),
})
type ProcessRow = z.infer<typeof processRow>

/**
 * This process among those that have the database open. A turn names its process as owner; when that one is gone,
 * the turn is nobody's and becomes `interrupted`.
 */
export class ProcessRegistry {
  readonly id = randomId()
  readonly #database: Database
  readonly #now: () => number
  readonly #started = startToken(process.pid)

  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database
    this.#now = now
    this.heartbeat()
  }

  /**
   * Says that this process lives. Also after another one took it for gone, e.g. when both slept with their machine and
   * the other woke first: without its row, every turn that it answers would be interrupted at once.
   */
  heartbeat(): void {
    this.#database.run(
      `INSERT INTO processes (id, pid, started, heartbeat_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at`,
      this.id,
      process.pid,
      this.#started,
      this.#now(),
    )
  }

  /** Drops the rows of processes that are gone. */
  forgetDead(): void {
    const dead = this.#database
      .all(processRow, 'SELECT * FROM processes')
      .filter((row) => !this.#isAlive(row))
    for (const row of dead) this.#database.run('DELETE FROM processes WHERE id = ?', row.id)
  }

  leave(): void {
    this.#database.run('DELETE FROM processes WHERE id = ?', this.id)
  }

  #isAlive(row: ProcessRow): boolean {
    if (row.id === this.id) return true
    if (!processExists(row.pid)) return false
    const started = startToken(row.pid)
    // Process ids are reused; the start tells a namesake. Where it cannot be read, the heartbeat has to do.
    return started === '' ? this.#now() - row.heartbeat_at < BELIEVED_MS : started === row.started
  }
}

/** Boot and start time of a process on Linux (proc(5): field 22 of stat); empty where that cannot be read. */
function startToken(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the command in parentheses and may hold spaces: count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : `${boot} ${fields[19] ?? ''}`
  } catch {
    return ''
  }
}
