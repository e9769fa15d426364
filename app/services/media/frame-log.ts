/**
 * Reads the times of frames from what ffmpeg's `showinfo` filter prints: first `config in time_base: 1/12800, …`, then
 * for each frame `n: 0 pts: 512 pts_time:0.04 …`. The printed seconds have six digits only, so ticks are used.
 */
export class FrameLog {
  /** Time of each frame so far, seconds, as stamped in the file. NaN where a frame has no time. */
  readonly seconds: number[] = []
  private tickSeconds = 0
  private wake: () => void = () => undefined

  readonly take = (line: string): void => {
    if (!line.startsWith('[Parsed_showinfo')) return
    const base = /config in time_base: (\d+)\/(\d+)/.exec(line)
    if (base !== null) this.tickSeconds = Number(base[1]) / Number(base[2])
    const frame = /\] n: *\d+ pts: *(-?\d+|NOPTS)/.exec(line)
    if (frame === null) return
    this.seconds.push(Number(frame[1]) * this.tickSeconds)
    this.wake()
  }

  /** Waits for the time of frame `index`, which ffmpeg prints before the frame; NaN if the run ends without it. */
  async timeOf(index: number, ended: Promise<void>): Promise<number> {
    const end = ended.then(() => 'ended' as const)
    for (let news: 'line' | 'ended' = 'line'; this.seconds.length <= index && news === 'line';) {
      const line = new Promise<'line'>((resolve) => {
        this.wake = () => {
          resolve('line')
        }
      })
      news = await Promise.race([line, end])
    }
    return this.seconds[index] ?? NaN
  }
}
