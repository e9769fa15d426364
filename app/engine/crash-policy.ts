/** Restart delays after the first, second and every later crash in a row, milliseconds. */
const DELAYS_MS = [1000, 2000, 4000]
const WINDOW_MS = 5 * 60_000
const LIMIT = 3

/** When to start a crashed process again, and when to stop trying. */
export class CrashPolicy {
  private recent: number[] = []
  private inARow = 0

  /** The delay before the next start, or `give-up` after three crashes within five minutes. */
  crashed(nowMs: number): number | 'give-up' {
    const last = this.recent.at(-1)
    if (last === undefined || nowMs - last >= WINDOW_MS) this.inARow = 0
    this.recent = [...this.recent.filter((time) => nowMs - time < WINDOW_MS), nowMs]
    if (this.recent.length >= LIMIT) return 'give-up'
    const delay = DELAYS_MS[Math.min(this.inARow, DELAYS_MS.length - 1)] ?? 0
    this.inARow += 1
    return delay
  }

  /** A person asked for a new start: earlier crashes no longer count. */
  forgive(): void {
    this.recent = []
    this.inARow = 0
  }
}
