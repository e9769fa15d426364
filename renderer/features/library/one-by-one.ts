/** Does one thing after the other: what comes while something runs waits for its turn, and nothing is thrown away. */
export class OneByOne {
  private last: Promise<void> = Promise.resolve()
  private running: AbortController | null = null

  /** The signal is the work's own. Settles as the work does; what waits comes next either way. */
  run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const done = this.last.then(async () => {
      const cancel = new AbortController()
      this.running = cancel
      try {
        await work(cancel.signal)
      } finally {
        this.running = null
      }
    })
    this.last = done.catch(() => undefined)
    return done
  }

  /** Stops what runs; what waits comes next. */
  stop(): void {
    this.running?.abort()
  }
}
