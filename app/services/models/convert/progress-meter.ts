/** Where a conversion stands. Bytes are those of the source weights (of the output file while quantizing). */
export interface ConvertProgress {
  readonly stage: 'check' | 'language' | 'vision' | 'quantize'
  readonly doneBytes: number
  readonly totalBytes: number
  /** Null until it can be told. */
  readonly secondsLeft: number | null
}

const REPORT_INTERVAL_MS = 100
/** Too little to judge the speed by. */
const SETTLING_MS = 1000

/** Adds up bytes and reports at most ten times a second. */
export class ProgressMeter {
  private readonly totalBytes: number
  private readonly report: (progress: ConvertProgress) => void
  /** Milliseconds from any fixed moment. */
  private readonly now: () => number
  private readonly started: number
  private doneBytes = 0
  private lastReport = -Infinity

  constructor(totalBytes: number, report: (progress: ConvertProgress) => void, now: () => number) {
    this.totalBytes = totalBytes
    this.report = report
    this.now = now
    this.started = now()
  }

  add(stage: ConvertProgress['stage'], bytes: number): void {
    this.doneBytes += bytes
    const time = this.now()
    const isDone = this.doneBytes >= this.totalBytes
    if (!isDone && time - this.lastReport < REPORT_INTERVAL_MS) return
    this.lastReport = time
    this.report({ stage, doneBytes: this.doneBytes, totalBytes: this.totalBytes, secondsLeft: this.secondsLeft(time) })
  }

  private secondsLeft(time: number): number | null {
    const elapsed = time - this.started
    if (elapsed < SETTLING_MS || this.doneBytes === 0) return null
    return ((this.totalBytes - this.doneBytes) / this.doneBytes) * (elapsed / 1000)
  }
}
