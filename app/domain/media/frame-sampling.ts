/** A decoded frame: its number in decoding order, and when it is shown, seconds. */
export interface FrameChoice {
  readonly frame: number
  readonly seconds: number
}

/** Part of a video, seconds: frames with start ≤ time < end. */
export interface TimeRange {
  readonly start: number
  readonly end: number
}

export interface SamplingRequest {
  /** Presentation time of each decoded frame, seconds, ascending. Videos of variable rate need no other handling. */
  readonly times: ArrayLike<number>
  /** Frames per second as the container reports them; 0 or less gives no frames in the official rule. */
  readonly frameRate: number
  /** Time between frames, seconds. */
  readonly intervalSeconds: number
  /** More frames than this are thinned evenly; Infinity keeps all. */
  readonly maxFrames: number
  /** null for the whole video. */
  readonly range?: TimeRange | null
  /**
   * `frames`: the official rule, which counts decoded frames. `times`: by presentation times, for videos whose frame
   * rate changes so much that counting frames would crowd the busy parts.
   */
  readonly spacing?: 'frames' | 'times'
}

/**
 * Chooses the frames of a video that the model gets to see: one every `intervalSeconds` from the first frame of the
 * range, thinned evenly to `maxFrames`. Ascending and without repetition.
 */
export function sampleFrames(request: SamplingRequest): FrameChoice[] {
  const { times, frameRate, intervalSeconds, maxFrames, range = null, spacing = 'frames' } = request
  const { from, to } = framesInRange(times, range)
  const chosen =
    spacing === 'frames'
      ? everyNthFrame(to - from, frameRate, intervalSeconds).map((index) => from + index)
      : everyInterval(times, from, to, intervalSeconds)
  return thinEvenly(chosen, maxFrames).map((frame) => ({ frame, seconds: times[frame] ?? 0 }))
}

/** Presentation times of a video of which only rate and number of frames are known. */
export function constantRateTimes(frameCount: number, frameRate: number): number[] {
  if (!(frameRate > 0) || !(frameCount > 0)) return []
  return Array.from({ length: Math.floor(frameCount) }, (_, frame) => frame / frameRate)
}

/**
 * Frames per second of a video of which the container tells no rate, in four digits: times in whole milliseconds make
 * 29.9998 of 30, and the official rule would cut that to 29. A single frame has none: 1 samples it.
 */
export function averageRate(times: ArrayLike<number>): number {
  const spanSeconds = (times[times.length - 1] ?? 0) - (times[0] ?? 0)
  return spanSeconds > 0 ? Number(((times.length - 1) / spanSeconds).toPrecision(4)) : 1
}

/**
 * The official rule (LONGLLAVA-FORMAT section 7, frames): every max(int(fps · t), 1)-th frame from frame 0. At 29.97
 * fps that is every 29th, a little more often than once a second. None when rate or count is not positive.
 */
export function everyNthFrame(frameCount: number, frameRate: number, intervalSeconds: number): number[] {
  if (!(frameRate > 0) || !(frameCount > 0)) return []
  const step = Math.max(Math.trunc(frameRate * intervalSeconds), 1)
  return Array.from({ length: Math.ceil(frameCount / step) }, (_, index) => index * step)
}

/** Keeps `most` of the items, at indices floor(i · (n − 1) / (most − 1)): the first and the last always; one: the first. */
export function thinEvenly<Item>(items: readonly Item[], most: number): Item[] {
  const count = items.length
  if (count <= most) return [...items]
  if (!(most >= 1)) return []
  const kept = Math.floor(most)
  const thinned: Item[] = []
  for (let i = 0; i < kept; i += 1) {
    const item = items[kept === 1 ? 0 : Math.floor((i * (count - 1)) / (kept - 1))]
    if (item !== undefined) thinned.push(item)
  }
  return thinned
}

/** Makes up for time bases in which a third of a second is written as 0.333. */
const TIME_TOLERANCE = 0.0005

/** The first frame at or after each multiple of the interval, counted from the first frame; each frame once. */
function everyInterval(
  times: ArrayLike<number>,
  from: number,
  to: number,
  intervalSeconds: number,
): number[] {
  const chosen: number[] = []
  const first = times[from] ?? 0
  let lastStep = -1
  for (let frame = from; frame < to; frame += 1) {
    const elapsed = (times[frame] ?? 0) - first
    const step = intervalSeconds > 0 ? Math.floor((elapsed + TIME_TOLERANCE) / intervalSeconds) : frame
    if (step <= lastStep) continue
    chosen.push(frame)
    lastStep = step
  }
  return chosen
}

/** Frames [from, to) whose times lie in the range. */
function framesInRange(times: ArrayLike<number>, range: TimeRange | null): { from: number; to: number } {
  if (range === null) return { from: 0, to: times.length }
  const from = firstAtOrAfter(times, range.start)
  return { from, to: Math.max(from, firstAtOrAfter(times, range.end)) }
}

function firstAtOrAfter(times: ArrayLike<number>, seconds: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < seconds) low = middle + 1
    else high = middle
  }
  return low
}
