/**
 * Does a piece of work soon, once for any number of requests: never twice at the same time, and again afterwards when
 * it was requested meanwhile.
 */
export class Coalesced {
  private readonly work: () => Promise<void>
  private readonly waitMs: () => number
  private timer: ReturnType<typeof setTimeout> | undefined
  private isRunning = false
  private isWanted = false

  constructor(work: () => Promise<void>, waitMs: () => number) {
    this.work = work
    this.waitMs = waitMs
  }

  request(): void {
    this.isWanted = true
    if (this.isRunning || this.timer !== undefined) return
    this.timer = setTimeout(() => {
      this.timer = undefined
      void this.run()
    }, this.waitMs())
  }

  /** Forgets what was requested. */
  cancel(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.isWanted = false
  }

  private async run(): Promise<void> {
    this.isWanted = false
    this.isRunning = true
    try {
      await this.work()
    } finally {
      this.isRunning = false
      // A timer of its own also when the work failed: the next request must not wait for ever.
      if (this.isWanted as boolean) this.request()
    }
  }
}
