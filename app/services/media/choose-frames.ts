import {
  averageRate,
  type FrameChoice,
  sampleFrames,
  type TimeRange,
} from '../../domain/media/frame-sampling'
import type { VideoInfo } from './media-info'

export interface FrameWish {
  readonly intervalSeconds: number
  readonly maxFrames: number
  /** null for the whole video. */
  readonly range: TimeRange | null
}

/**
 * The frames that the model is given of a video, wherever they are read or counted. Of a part in which no frame begins
 * it gets the one that is on the screen then, with its own time: a slide stays until the next. None of a part beyond
 * the end, or without frames.
 */
export function chooseFrames(
  info: Pick<VideoInfo, 'frameRate' | 'durationSeconds'>,
  times: readonly number[],
  wish: FrameWish,
): FrameChoice[] {
  const chosen = sampleFrames({ times, frameRate: info.frameRate || averageRate(times), ...wish })
  const { range } = wish
  const last = times.at(-1)
  if (chosen.length > 0 || range === null || last === undefined) return chosen
  if (range.start >= Math.max(info.durationSeconds, last)) return []
  const frame = Math.max(
    0,
    times.findLastIndex((seconds) => seconds <= range.start),
  )
  return [{ frame, seconds: times[frame] ?? 0 }]
}
