import { extname } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { AppError } from '../../contract/errors'
import { chooseFrames } from '../media/choose-frames'
import { identify } from '../media/file-identity'
import type { FfmpegTools } from '../media/find-ffmpeg'
import { type FrameIndex, readFrameIndex } from '../media/frame-index'
import type { MediaIdentity, MediaInfo, VideoInfo } from '../media/media-info'
import { withImage } from '../media/open-image'
import { probeMedia } from '../media/probe-media'
import { readRawFrames } from '../media/read-frames'
import type { FramePlan, LibraryMedia, ListedFile, ProbedMedia } from './library-media'
import type { PreviewMedia } from './preview-service'

export interface LibraryMediaParts {
  readonly tools: () => Promise<FfmpegTools>
  /** Pictures and videos below a folder, in natural order, by their names. */
  readonly listFolder: LibraryMedia['listFolder']
  readonly kindOf: LibraryMedia['kindOf']
}

/** Videos whose frames were listed lately: stepping through one asks for its list again and again. */
const KEPT_INDEXES = 4
const JPEG = { quality: 85, mozjpeg: false } as const

/** The media service as the library and the previews want it. */
export function createLibraryMedia(parts: LibraryMediaParts): LibraryMedia & PreviewMedia {
  return new MediaAdapter(parts)
}

interface KnownVideo {
  readonly info: VideoInfo
  readonly index: FrameIndex
}

class MediaAdapter implements LibraryMedia, PreviewMedia {
  readonly #parts: LibraryMediaParts
  readonly #videos = new Map<string, KnownVideo>()

  constructor(parts: LibraryMediaParts) {
    this.#parts = parts
  }

  kindOf(path: string): 'video' | 'image' | null {
    return this.#parts.kindOf(path)
  }

  listFolder(path: string, signal?: AbortSignal): Promise<readonly ListedFile[]> {
    return this.#parts.listFolder(path, signal)
  }

  async probe(path: string, signal?: AbortSignal): Promise<ProbedMedia> {
    const info = await this.#probe(path, signal)
    const { kind, width, height } = info
    if (kind === 'image') {
      return {
        kind,
        width,
        height,
        durationSeconds: 0,
        frameRate: 0,
        hasAudio: false,
        pages: info.pages,
        playable: false,
      }
    }
    const { durationSeconds, frameRate, hasAudio } = info
    return {
      kind,
      width,
      height,
      durationSeconds,
      frameRate,
      hasAudio,
      pages: 1,
      playable: isPlayable(path, info),
    }
  }

  async planFrames(path: string, plan: FramePlan, signal?: AbortSignal): Promise<number[]> {
    const { info, index } = await this.#video(path, signal)
    return chooseFrames(info, index.seconds, plan).map(({ seconds }) => seconds)
  }

  async page(path: string, page: number, width: number): Promise<Uint8Array> {
    return await withImage(path, page, (image) => encode(image.rgb(), width))
  }

  async frame(path: string, seconds: number, width: number): Promise<Uint8Array> {
    const { info, index } = await this.#video(path)
    const tools = await this.#parts.tools()
    const frame = frameAt(index.seconds, seconds)
    for await (const { rgb } of readRawFrames({ path, info, index, frames: [frame], tools })) {
      const raw = { width: info.width, height: info.height, channels: 3 } as const
      return await encode(sharp(rgb, { raw }), width)
    }
    throw new AppError('media_damaged', `${path}: no frame at ${seconds} s`, {
      file: path,
      reason: 'that moment cannot be decoded',
    })
  }

  #probe(path: string, signal?: AbortSignal): Promise<MediaInfo> {
    return probeMedia(path, { tools: this.#parts.tools, signal })
  }

  async #video(path: string, signal?: AbortSignal): Promise<KnownVideo> {
    const known = this.#videos.get(path)
    if (known !== undefined && isSame(known.info.identity, await identify(path))) return known
    const info = await this.#probe(path, signal)
    if (info.kind !== 'video') {
      throw new AppError('media_unsupported', `${path}: expected a video`, {
        file: path,
        reason: 'it is a picture',
      })
    }
    const index = await readFrameIndex(path, info, { tools: await this.#parts.tools(), signal })
    const video = { info, index }
    this.#videos.delete(path)
    this.#videos.set(path, video)
    const [oldest] = this.#videos.keys()
    if (this.#videos.size > KEPT_INDEXES && oldest !== undefined) this.#videos.delete(oldest)
    return video
  }
}

async function encode(picture: Sharp, width: number): Promise<Uint8Array> {
  return await picture.resize({ width, withoutEnlargement: true }).jpeg(JPEG).toBuffer()
}

/** The frame that is on the screen at a time: the last one shown before it, else the first. Ascending times. */
export function frameAt(times: readonly number[], seconds: number): number {
  // A time that went through a URL as a decimal may have lost its last bits.
  const next = times.findIndex((time) => time > seconds + 1e-4)
  return next === -1 ? Math.max(0, times.length - 1) : Math.max(0, next - 1)
}

function isSame(a: MediaIdentity, b: MediaIdentity): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeMs === b.mtimeMs
}

/** What Chromium plays as it is; a file that it then refuses is shown frame by frame, too. */
function isPlayable(path: string, { codec, container, animated }: VideoInfo): boolean {
  if (animated) return false
  if (container.includes('mp4')) return ['h264', 'av1', 'vp9'].includes(codec)
  if (container.includes('webm'))
    return extname(path).toLowerCase() === '.webm' && ['vp8', 'vp9', 'av1'].includes(codec)
  return false
}
