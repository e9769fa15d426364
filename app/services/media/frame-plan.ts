/**
 * Which runs of ffmpeg give a list of frames at least cost, and how each run picks its frames. Pure.
 */

export interface WantedFrame {
  /** Number of the frame in order of presentation. */
  readonly frame: number
  /** The caller's position of it in the list. */
  readonly index: number
}

/** One run: seek to `startFrame` (null: begin at the start of the file), then take these frames. */
export interface FrameRun {
  readonly startFrame: number | null
  readonly wanted: readonly WantedFrame[]
}

export interface PlanCosts {
  /** What starting a run costs, in decoded frames. */
  readonly startFrames: number
  /** Most frames of one run: its filter is an argument of the program. */
  readonly maxPerRun: number
}

/** Longest list whose filter fits an argument: 128 KiB on Linux, 32 KiB for everything on Windows. */
export const MAX_FRAMES_PER_RUN = process.platform === 'win32' ? 700 : 2500

/** A run takes about 0.1 s to start; two cores decode about 400 megapixels a second. */
export function startCost(width: number, height: number): number {
  return Math.max(0.1 * (400e6 / (width * height)), 5)
}

/** The last keyframe at or before a frame, or -1. keyframes: ascending. */
function keyframeBefore(keyframes: readonly number[], frame: number): number {
  let low = 0
  let high = keyframes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keyframes[middle] ?? Infinity) <= frame) low = middle + 1
    else high = middle
  }
  return keyframes[low - 1] ?? -1
}

/**
 * The run that gives the first of the wanted frames (ascending, at least one) and those after it, up to where seeking to
 * a keyframe costs less than decoding on.
 */
export function nextRun(
  wanted: readonly WantedFrame[],
  keyframes: readonly number[],
  costs: PlanCosts,
): FrameRun {
  const seekPays = (frame: number, decodedTo: number): boolean => {
    const keyframe = keyframeBefore(keyframes, frame)
    return keyframe >= 0 && costs.startFrames + frame - keyframe < frame - decodedTo
  }
  const first = wanted[0]?.frame ?? 0
  let end = 1
  let decodedTo = first
  for (; end < Math.min(wanted.length, costs.maxPerRun); end++) {
    const frame = wanted[end]?.frame ?? 0
    if (seekPays(frame, decodedTo)) break
    decodedTo = frame
  }
  // The program starts anyway: seeking costs nothing more than the way from the keyframe.
  const startFrame = keyframeBefore(keyframes, first) > 0 ? first : null
  return { startFrame, wanted: wanted.slice(0, end) }
}

/** Counts how many of the ascending thresholds are not above `variable`, as a balanced tree: no deep recursion. */
function countBelow(variable: string, thresholds: readonly string[], from: number, to: number): string {
  if (from === to) return String(from)
  const middle = (from + to) >>> 1
  const threshold = thresholds[middle] ?? ''
  const below = countBelow(variable, thresholds, from, middle)
  return `if(lt(${variable},${threshold}),${below},${countBelow(variable, thresholds, middle + 1, to)})`
}

/**
 * Makes the `select` filter print its count of frames now and then. ffmpeg's own reports are no sign of life: they begin
 * with the first frame let through, which may be minutes away, and since version 7 they go on when decoding is stuck.
 */
const aliveSign = 'if(mod(n,10),0,print(n))'

/**
 * An expression for ffmpeg's `select` filter that lets through the first frame at or above each threshold: the count
 * of thresholds reached is kept in register 0 from frame to frame. A frame that cannot be decoded is thereby replaced by
 * the next one that can, and is not mixed up with it.
 * variable:   `t` (seconds as stamped in the file) or `n` (frames counted from 0).
 * thresholds: ascending numbers as text.
 */
export function selectExpression(variable: 't' | 'n', thresholds: readonly string[]): string {
  const count = countBelow(variable, thresholds, 0, thresholds.length)
  return `${aliveSign};st(1,${count});st(2,gt(ld(1),ld(0)));st(0,ld(1));ld(2)`
}

/**
 * The threshold that tells a frame from the one before it: half way between their times, so that no rounding on either
 * side matters.
 */
export function timeThreshold(seconds: readonly number[], frame: number, startSeconds: number): number {
  const time = seconds[frame] ?? 0
  const before = seconds[frame - 1] ?? time - 1
  return Number((startSeconds + (before + time) / 2).toFixed(7))
}
