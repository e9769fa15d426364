import { READING_BAR } from './bars'
import type { ReadingSpeed } from './evaluation-types'

/** How many videos of each length are read a second time for the clock: it varies little from one to the next. */
const TIMED_VIDEOS = 3

/** Collects timed readings by the length of the video. */
export class ReadingSpeeds {
  private readonly byLength = new Map<number, { videos: number; frames: number; seconds: number }>()

  wants(length: number): boolean {
    return (this.byLength.get(length)?.videos ?? 0) < TIMED_VIDEOS
  }

  add(length: number, { frames, seconds }: { readonly frames: number; readonly seconds: number }): void {
    if (frames === 0 || seconds === 0) return
    const sum = this.byLength.get(length) ?? { videos: 0, frames: 0, seconds: 0 }
    this.byLength.set(length, {
      videos: sum.videos + 1,
      frames: sum.frames + frames,
      seconds: sum.seconds + seconds,
    })
  }

  list(): ReadingSpeed[] {
    return [...this.byLength]
      .sort(([a], [b]) => a - b)
      .map(([length, sum]) => {
        const framesPerSecond = sum.frames / sum.seconds
        const bar = { value: READING_BAR, met: framesPerSecond >= READING_BAR }
        return { length, ...sum, framesPerSecond, bar }
      })
  }
}
