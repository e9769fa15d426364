import type { AppError } from '../../contract/errors'
import type { FrameIndex } from './frame-index'
import { FrameLog } from './frame-log'
import { frameSync } from './ffmpeg-version'
import { damaged } from './file-identity'
import type { FfmpegTools } from './find-ffmpeg'
import { inputGuards } from './formats'
import {
  MAX_FRAMES_PER_RUN,
  nextRun,
  selectExpression,
  startCost,
  timeThreshold,
  type FrameRun,
  type WantedFrame,
} from './frame-plan'
import type { VideoInfo } from './media-info'
import { makeSafePath } from './safe-path'
import { ToolRun } from './tool-run'

/** A decoded frame at the video's own size. */
export interface RawFrame {
  /** Position in the list that was asked for. */
  readonly index: number
  /** Time of the frame that was decoded, seconds from the container's start. */
  readonly seconds: number
  /** [height, width, 3]. Shared memory, so that a worker can read it without a copy. */
  readonly rgb: Uint8Array
  /** Number of the decoded frame, counted from 1: entries of the list with the same number share their pixels. */
  readonly decoded: number
  /** Lets the memory be used for a later frame; optional, and not before the last use of `rgb`. */
  readonly release: () => void
}

export interface ReadFramesRequest {
  readonly path: string
  readonly info: VideoInfo
  readonly index: FrameIndex
  /** Frame numbers in order of presentation, ascending. */
  readonly frames: readonly number[]
  readonly tools: FfmpegTools
  readonly signal?: AbortSignal | undefined
  readonly idleSeconds?: number | undefined
}

/**
 * Decodes chosen frames, in order, with few frames in memory at any time. One run of ffmpeg where frames lie close
 * together, a seek for each stretch where they lie far apart.
 * throws: media_damaged after the last frame that could be decoded, when some are missing; media_timeout, cancelled.
 */
export async function* readRawFrames(request: ReadFramesRequest): AsyncGenerator<RawFrame, void> {
  const { info, index, frames, path } = request
  const costs = { startFrames: startCost(info.width, info.height), maxPerRun: MAX_FRAMES_PER_RUN }
  let keyframes = index.timed ? index.keyframes : []
  const buffers = new FrameBuffers(info.width * info.height * 3)
  const wanted = frames.map((frame, position): WantedFrame => ({ frame, index: position }))
  // A list made from the container's own count may go further than the file does.
  let left = wanted.filter(({ frame }) => frame < index.seconds.length)
  const missing = wanted.length - left.length
  while (left.length > 0) {
    const run = nextRun(left, keyframes, costs)
    let given = 0
    for await (const frame of runOnce(request, run, buffers)) {
      yield frame
      given += 1
    }
    left = left.slice(given)
    if (given === run.wanted.length) continue
    if (run.startFrame === null) {
      throw missingFrames(path, frames.length - missing - left.length, frames.length)
    }
    // The seek went wrong: from here on decode from the start, which cannot miss.
    keyframes = []
  }
  if (missing > 0) throw missingFrames(path, frames.length - missing, frames.length)
}

function missingFrames(path: string, given: number, wanted: number): AppError {
  return damaged(path, `${given} of ${wanted} frames could be decoded`)
}

function argumentsOf(request: ReadFramesRequest, run: FrameRun, safePath: string) {
  const { info, index, tools } = request
  const { seconds } = index
  const start = run.startFrame === null ? undefined : seconds[run.startFrame]
  const thresholds = run.wanted.map(({ frame }) =>
    index.timed ? timeThreshold(seconds, frame, info.startSeconds) : frame,
  )
  const select = selectExpression(index.timed ? 't' : 'n', thresholds.map(String))
  // The size is forced, because a stream may change its size on the way and the reader counts bytes.
  const filters = `select='${select}',showinfo,scale=${info.width}:${info.height}:flags=bicubic`
  return {
    input: `file:${safePath}`,
    inputOptions: [
      '-copyts',
      // Otherwise a change of size restarts the filters, and with them the counting.
      ...['-reinit_filter', '0', ...inputGuards],
      // Half a millisecond more, so that rounding cannot lead to the keyframe before.
      ...(start === undefined ? [] : ['-noaccurate_seek', '-ss', (start + 0.0005).toFixed(6)]),
    ],
    outputOptions: [
      ...['-map', `0:${info.stream}`, '-an', '-vf', filters, ...frameSync(tools.ffmpeg.version)],
      // With several threads the raw "encoder" keeps back a frame for each, and without flushing the muxer keeps back the
      // end of one: the last frame would come at the end of the film.
      ...['-threads', '1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-flush_packets', '1'],
    ],
    thresholds,
  }
}

/** Gives the frames of one run in order, and ends early when the run does. */
async function* runOnce(
  request: ReadFramesRequest,
  plan: FrameRun,
  buffers: FrameBuffers,
): AsyncGenerator<RawFrame, void> {
  const safe = await makeSafePath(request.path)
  try {
    yield* decode(request, plan, buffers, safe.path)
  } finally {
    await safe.release()
  }
}

async function* decode(
  request: ReadFramesRequest,
  plan: FrameRun,
  buffers: FrameBuffers,
  safePath: string,
): AsyncGenerator<RawFrame, void> {
  const { info, index, tools, signal, idleSeconds } = request
  const { thresholds, ...args } = argumentsOf(request, plan, safePath)
  const log = new FrameLog()
  const run = new ToolRun(args, {
    program: tools.ffmpeg.path,
    file: request.path,
    signal,
    idleSeconds,
    onLine: log.take,
  })
  let next = 0
  let nFrames = 0
  for await (const rgb of framesOf(run, buffers)) {
    const stamp = await log.timeOf(nFrames, run.ended)
    const reached = index.timed ? stamp : (plan.wanted[next]?.frame ?? 0)
    const seconds = index.timed ? stamp - info.startSeconds : NaN
    if (nFrames === 0 && plan.startFrame !== null && isPast(index, plan.startFrame, seconds)) return
    nFrames += 1
    const decoded = (buffers.nDecoded += 1)
    const release = buffers.releaseOnce(rgb)
    for (; next < plan.wanted.length && (thresholds[next] ?? Infinity) <= reached; next++) {
      const wanted = plan.wanted[next]
      if (wanted === undefined) return
      const known = index.seconds[wanted.frame] ?? 0
      yield { index: wanted.index, seconds: Number.isNaN(seconds) ? known : seconds, rgb, decoded, release }
    }
    if (next >= plan.wanted.length) return
  }
}

/** Memory of frames that are done, for those that come: video frames are too large to leave to the garbage collector. */
class FrameBuffers {
  readonly size: number
  nDecoded = 0
  private readonly free: Uint8Array[] = []

  constructor(size: number) {
    this.size = size
  }

  take(): Uint8Array {
    return this.free.pop() ?? new Uint8Array(new SharedArrayBuffer(this.size))
  }

  releaseOnce(buffer: Uint8Array): () => void {
    let held = true
    return () => {
      if (held) this.free.push(buffer)
      held = false
    }
  }
}

/** Whether a seek landed behind the frame that it was meant for. */
function isPast(index: FrameIndex, frame: number, seconds: number): boolean {
  const following = index.seconds[frame + 1]
  return following !== undefined && seconds >= following - 1e-6
}

/** Cuts a run's output into frames. An unfinished last one is dropped. */
async function* framesOf(run: ToolRun, buffers: FrameBuffers): AsyncGenerator<Uint8Array, void> {
  let frame: Uint8Array | null = null
  let filled = 0
  for await (const chunk of run) {
    for (let at = 0; at < chunk.length;) {
      frame ??= buffers.take()
      const part = chunk.subarray(at, at + buffers.size - filled)
      frame.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < buffers.size) continue
      yield frame
      frame = null
      filled = 0
    }
  }
}
