import { CLIP_PHASES, type ClipSource, type VideoFrame } from './composition'
import type { WorldRandom } from './random'
import { needleShots, oddFrameShots, ordinaryShots, storyShots, type Shot } from './video-scripts'

/**
 * What a video is made for.
 * ordinary:  2 to 12 shots, in half of the videos some of them showing the same thing.
 * needle:    exactly one short shot with a readable caption among shots without any.
 * odd-frame: one still scene throughout, but for one frame that shows other things.
 * story:     a thing that goes and comes back, sometimes to the very same place.
 */
export const VIDEO_SCRIPTS = ['ordinary', 'needle', 'odd-frame', 'story'] as const
export type VideoScript = (typeof VIDEO_SCRIPTS)[number]

export interface VideoOptions {
  /** At least 1; needle and odd-frame videos have at least 3. */
  readonly frames: number
  /** Left out: mostly ordinary. */
  readonly script?: VideoScript
  /** Seconds between frames; left out: 0.5 to 60, such that the video stays below 100 minutes. */
  readonly intervalSeconds?: number
  /** Where the needle or the odd frame lies, 0 at the start … 1 at the end. Left out: anywhere. */
  readonly depth?: number
}

const INTERVALS: readonly number[] = [0.5, 1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 60]
/** Labels of frames have two digits of minutes. */
const LONGEST_SECONDS = 5999

const SCRIPTS_BY_SHARE: readonly VideoScript[] = [
  ...(['ordinary', 'ordinary', 'ordinary', 'ordinary', 'ordinary'] as const),
  ...(['needle', 'needle', 'story', 'story', 'odd-frame'] as const),
]

const FEWEST_FRAMES: Readonly<Record<VideoScript, number>> = {
  ordinary: 1,
  needle: 3,
  'odd-frame': 3,
  story: 1,
}

/**
 * Frames of a video, from second 0 at even intervals. Neighbouring shots play different clips, so a change of `clip` is
 * a cut. The same state of `random`, source and options give the same video.
 *
 * @throws RangeError when the script cannot be filmed: too few frames, or no fitting clip in the source
 */
export function composeVideo(
  random: WorldRandom,
  source: ClipSource,
  options: VideoOptions,
): readonly VideoFrame[] {
  const { frames, depth = random.next() } = options
  const script = options.script ?? (frames < 3 ? 'ordinary' : random.pick(SCRIPTS_BY_SHARE))
  if (!Number.isInteger(frames) || frames < FEWEST_FRAMES[script]) {
    throw new RangeError(
      `expected at least ${FEWEST_FRAMES[script]} frames of a ${script} video, got ${frames}`,
    )
  }
  const interval = options.intervalSeconds ?? pickInterval(random, frames)
  return playShots(source, shotsOf(random, source, script, frames, depth), interval)
}

function shotsOf(
  random: WorldRandom,
  source: ClipSource,
  script: VideoScript,
  frames: number,
  depth: number,
): readonly Shot[] {
  switch (script) {
    case 'ordinary':
      return ordinaryShots(random, source, frames)
    case 'story':
      return storyShots(random, source, frames)
    case 'needle':
      return needleShots(random, source, frames, depth)
    case 'odd-frame':
      return oddFrameShots(random, source, frames, depth)
  }
}

/** Frame j of a shot of n shows phase floor(4 · j / n) of its clip. */
function playShots(source: ClipSource, shots: readonly Shot[], interval: number): readonly VideoFrame[] {
  const video: VideoFrame[] = []
  for (const { clip, frames } of joinNeighbours(shots)) {
    const phases = source.clip(clip)
    for (let frame = 0; frame < frames; frame += 1) {
      const phase = Math.floor((CLIP_PHASES * frame) / frames)
      const scene = phases[phase] ?? phases[0]
      // Milliseconds: multiples of 0.1 shall not show the noise of binary fractions.
      video.push({ seconds: Math.round(video.length * interval * 1000) / 1000, scene, clip, phase })
    }
  }
  return video
}

/** Where a source had nothing else to show, two neighbours are one longer shot. */
function joinNeighbours(shots: readonly Shot[]): readonly Shot[] {
  const joined: Shot[] = []
  for (const shot of shots) {
    const last = joined.at(-1)
    if (last?.clip === shot.clip)
      joined[joined.length - 1] = { clip: shot.clip, frames: last.frames + shot.frames }
    else joined.push(shot)
  }
  return joined
}

function pickInterval(random: WorldRandom, frames: number): number {
  const most = Math.floor((LONGEST_SECONDS / frames) * 100) / 100
  // Long videos are thinned evenly to a number of frames: any interval, short ones more often.
  const interval = random.chance(0.5) ? random.pick(INTERVALS) : 0.5 + 59.5 * cube(random.next())
  return Math.min(Math.round(interval * 100) / 100, Math.max(0.5, most))
}

/** Not `**`, whose last bit may differ between engines. */
function cube(value: number): number {
  return value * value * value
}
