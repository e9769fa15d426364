/** Calls back once, soon; returns how to call it off. */
export type Schedule = (callback: () => void) => () => void

/** A hidden window draws no frames; its text comes this often then. */
const HIDDEN_MS = 250

/** With the next drawn frame, or after a while when none is drawn. */
export const nextFrame: Schedule = (callback) => {
  const frame = requestAnimationFrame(callback)
  const timer = setTimeout(callback, HIDDEN_MS)
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}

/** Gathers streamed text and shows it once per drawn frame: 500 tokens a second cost no more than sixty. */
export class TextByFrame {
  private readonly show: (text: string) => void
  private readonly schedule: Schedule
  private gathered = ''
  private callOff: (() => void) | null = null

  constructor(show: (text: string) => void, schedule: Schedule = nextFrame) {
    this.show = show
    this.schedule = schedule
  }

  push(text: string): void {
    this.gathered += text
    this.callOff ??= this.schedule(() => {
      this.flush()
    })
  }

  flush(): void {
    this.callOff?.()
    this.callOff = null
    if (this.gathered === '') return
    const text = this.gathered
    this.gathered = ''
    this.show(text)
  }
}
