import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import sharp from 'sharp'
import { AppError } from '../../contract/errors'
import { drawFrame } from '../../domain/world/draw/draw-frame'
import { drawScene } from '../../domain/world/draw/draw-scene'
import type { ArtPack } from '../../domain/world/draw/art'
import { canvasWithin } from '../../domain/world/draw/frame-geometry'
import type { Raster } from '../../domain/world/draw/raster'
import type { Scene, WorldFrame } from '../../domain/world/scene'

/** Least frames a second of a video: players and samplers are made for that. */
const LEAST_RATE = 1
/** A line of numbers in the middle of seconds that are not exact in binary. */
const TIME_TOLERANCE = 1e-6
const KEPT_ERROR = 2000

/** Writes a scene as PNG, or as JPEG by the name's ending, its longer side `side` pixels. */
export async function writePicture(path: string, scene: Scene, art: ArtPack, side: number): Promise<void> {
  await writeRaster(path, drawScene(scene, art, canvasWithin(scene.aspect, side).width))
}

/** Writes a scene exactly this wide, as a sheet wants it. */
export async function writeScene(path: string, scene: Scene, art: ArtPack, width: number): Promise<void> {
  await writeRaster(path, drawScene(scene, art, width))
}

async function writeRaster(path: string, { width, height, data }: Raster): Promise<void> {
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path)
}

export interface VideoFile {
  readonly path: string
  /** In the order of their times, from second 0; each is shown until the next. */
  readonly frames: readonly WorldFrame[]
  readonly art: ArtPack
  /** Pixels, even; scenes that are not square are padded as the model's pictures are. */
  readonly side: number
  /** Path of the ffmpeg to write with. */
  readonly ffmpeg: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes frames as an H.264 video in which each is shown at its time, at one frame a second or as many more as the times
 * need. The last frame is shown as long as the one before it.
 * throws: cancelled, engine_failed (ffmpeg's own words).
 */
export async function writeVideo(video: VideoFile): Promise<void> {
  const { path, side, ffmpeg, signal } = video
  const rate = rateOf(video.frames)
  await encodeVideo({
    ...{ path, ffmpeg, signal, rate, width: side, height: side, pictures: pictures(video, rate) },
    options: ['-preset', 'veryfast', '-crf', '20'],
  })
}

export interface EncodedVideo {
  readonly path: string
  /** Even numbers of pixels. */
  readonly width: number
  readonly height: number
  /** Pictures a second. */
  readonly rate: number
  /** [height, width, 3] bytes each. */
  readonly pictures: Iterable<Uint8Array>
  /** What x264 and the container are told besides. */
  readonly options: readonly string[]
  readonly ffmpeg: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Encodes pictures as an H.264 video that browsers play.
 * throws: cancelled, engine_failed (ffmpeg's own words).
 */
export async function encodeVideo(video: EncodedVideo): Promise<void> {
  const { path, width, height, rate, options, ffmpeg, signal } = video
  const child = spawn(
    ffmpeg,
    [
      ...['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`],
      ...['-r', String(rate), '-i', 'pipe:0'],
      ...['-c:v', 'libx264', ...options, '-pix_fmt', 'yuv420p', '-threads', '2'],
      `file:${path}`,
    ],
    { stdio: ['pipe', 'ignore', 'pipe'], killSignal: 'SIGKILL', ...(signal === undefined ? {} : { signal }) },
  )
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-KEPT_ERROR)
  })
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // Its failure is met below; a pipe that breaks first must not end the program.
  closed.catch(() => undefined)
  child.stdin.on('error', () => undefined)
  try {
    for (const pixels of video.pictures) {
      if (child.exitCode !== null || signal?.aborted === true) break
      if (!child.stdin.write(pixels)) await Promise.race([roomIn(child.stdin), closed])
    }
    child.stdin.end()
    const code = await closed
    if (code !== 0) throw failed(path, errors.trim() === '' ? `it ended with ${code ?? 'a signal'}` : errors)
  } catch (thrown) {
    child.kill('SIGKILL')
    signal?.throwIfAborted()
    throw thrown instanceof AppError ? thrown : failed(path, String(thrown))
  }
}

/** Resolves once there is room, or nobody will read any more. */
async function roomIn(stream: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}

function failed(path: string, words: string): AppError {
  const reason = `ffmpeg could not write ${path}: ${words.trim()}`
  return new AppError('engine_failed', reason, { reason })
}

/** Frames a second: what the closest two frames need. */
function rateOf(frames: readonly WorldFrame[]): number {
  const gaps = frames.slice(1).map(({ seconds }, index) => seconds - (frames[index]?.seconds ?? 0))
  return Math.max(LEAST_RATE, ...gaps.map((gap) => 1 / gap))
}

/** Pixels of each picture of the video in turn. A scene that is shown again at once is drawn once. */
function* pictures({ frames, art, side }: VideoFile, rate: number): Generator<Uint8Array, void> {
  const last = frames.at(-1)?.seconds ?? 0
  const end = last + Math.max(1 / rate, last - (frames.at(-2)?.seconds ?? last))
  let shown = 0
  let drawn: { readonly scene: Scene; readonly pixels: Uint8Array } | undefined
  for (let picture = 0; picture / rate < end - TIME_TOLERANCE; picture += 1) {
    while ((frames[shown + 1]?.seconds ?? Infinity) <= picture / rate + TIME_TOLERANCE) shown += 1
    const scene = frames[shown]?.scene
    if (scene === undefined) return
    if (drawn?.scene !== scene) drawn = { scene, pixels: drawFrame(scene, art, side).data }
    yield drawn.pixels
  }
}
