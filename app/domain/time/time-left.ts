/**
 * Estimates how long a piece of counted work will still take. The pace is that of the last `windowSeconds`, so that
 * a slow start (loading, first seek) stops counting soon.
 */
export class TimeLeft {
  private readonly samples: { atSeconds: number; done: number }[] = []
  private readonly windowSeconds: number

  constructor(windowSeconds = 10) {
    this.windowSeconds = windowSeconds
  }

  /** Seconds left at this point, or null while there is nothing to go by (under half a second of work seen). */
  update(atSeconds: number, done: number, total: number): number | null {
    this.samples.push({ atSeconds, done })
    while (
      this.samples.length > 2 &&
      atSeconds - (this.samples[1]?.atSeconds ?? atSeconds) >= this.windowSeconds
    ) {
      this.samples.shift()
    }
    const first = this.samples[0]
    if (first === undefined) return null
    const seconds = atSeconds - first.atSeconds
    const progress = done - first.done
    if (seconds < 0.5 || progress <= 0) return null
    return ((total - done) * seconds) / progress
  }
}
