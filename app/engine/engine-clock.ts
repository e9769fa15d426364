/** Time as the engine's owner uses it; tests pass one that they move by hand. */
export interface EngineClock {
  /** Milliseconds that never go back. */
  now(): number
  /** Calls `run` once after `delayMs`. Returns the function that calls it off. */
  after(delayMs: number, run: () => void): () => void
}

export const systemClock: EngineClock = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => {
      clearTimeout(timer)
    }
  },
}
