import { stat } from 'node:fs/promises'
import { AppError } from '../../contract/errors'
import type { TimeRange } from '../../domain/media/frame-sampling'
import type { ImageProcessing } from '../../domain/model-description'
import type { PictureRef } from '../../domain/request'
import {
  checkUnchanged,
  damaged,
  identify,
  isSame,
  throwIfCancelled,
  toFileError,
  unsupported,
} from './file-identity'
import { shownPath, toFsPath } from './file-path'
import type { FfmpegTools } from './find-ffmpeg'
import { readFrameIndex, type FrameIndex } from './frame-index'
import { groupPictures, type PictureGroup } from './group-pictures'
import { listFolder } from './list-folder'
import type { ImageInfo, MediaInfo, VideoInfo } from './media-info'
import { withImage } from './open-image'
import type { PixelPool } from './pixel-pool'
import { probeMedia } from './probe-media'
import { readRawFrames } from './read-frames'
import { tileInput, wholeInput } from './read-image'
import { openPage } from './read-page'
import { readWebpFrames } from './read-webp-frames'

export interface ReaderSource {
  readonly path: string
  /** As probed; a file that changed since is refused. */
  readonly info: MediaInfo
}

export interface ReadPicture {
  readonly ref: PictureRef
  /** The model's input, [side, side, 3]. */
  readonly pixels: Uint8Array
}

/** Everything that is read of media. All paths may be surrogate-escaped (file-path.ts). Rejects with `AppError`s. */
export interface MediaReader {
  /** A file alone, or the pictures and videos of a folder in natural order; folder_empty if there are none. */
  filesOf(path: string, signal?: AbortSignal): Promise<readonly string[]>
  probe(path: string, signal?: AbortSignal): Promise<MediaInfo>
  /**
   * Presentation time of each frame of a video, seconds. Refuses with media_damaged when the video breaks off inside of
   * `range` (null: the whole video): nobody should think they were told about all of it.
   */
  frameTimes(path: string, signal?: AbortSignal, range?: TimeRange | null): Promise<readonly number[]>
  /** Size of one page of a picture file after orientation, pixels. */
  pageSize(path: string, page: number): Promise<{ width: number; height: number }>
  /** Reads pictures in order. `PictureRef.media` indexes `sources`. Few pictures are in memory at any time. */
  readPictures(
    refs: readonly PictureRef[],
    sources: readonly ReaderSource[],
    processing: ImageProcessing,
    signal?: AbortSignal,
  ): AsyncIterable<ReadPicture>
  /** Ends the worker thread. */
  close(): Promise<void>
}

export interface MediaReaderParts {
  /** Asked once a file needs ffmpeg; remembers its answer. */
  readonly tools: () => Promise<FfmpegTools>
  readonly pool: PixelPool
}

export function createMediaReader(parts: MediaReaderParts): MediaReader {
  return new FileMediaReader(parts)
}

/** Indices kept: asking again about a video, or reading what was just planned, needs no second look at the file. */
const KEPT_INDICES = 16
/** Files whose description is kept: a second question about a folder of pictures should not open them all again. */
const KEPT_INFOS = 20_000
/** Pictures being resized while the next ones are decoded. */
const OVERLAP = 2

interface PendingPicture {
  readonly ref: PictureRef
  readonly pixels: Promise<Uint8Array>
}

class FileMediaReader implements MediaReader {
  private readonly parts: MediaReaderParts
  private readonly indices = new Map<string, FrameIndex>()
  private readonly infos = new Map<string, MediaInfo>()

  constructor(parts: MediaReaderParts) {
    this.parts = parts
  }

  async filesOf(path: string, signal?: AbortSignal): Promise<readonly string[]> {
    const stats = await stat(toFsPath(path)).catch((thrown: unknown) => {
      throw toFileError(thrown, path)
    })
    if (!stats.isDirectory()) return [path]
    const { files } = await listFolder(path, { signal })
    if (files.length > 0) return files.map((file) => file.path)
    const file = shownPath(path)
    throw new AppError('folder_empty', `no pictures or videos below ${file}`, { file })
  }

  async probe(path: string, signal?: AbortSignal): Promise<MediaInfo> {
    throwIfCancelled(signal)
    const known = this.infos.get(path)
    if (known !== undefined && isSame(known.identity, await identify(path))) return known
    const info = await probeMedia(path, { tools: this.parts.tools, signal })
    this.infos.delete(path)
    this.infos.set(path, info)
    const oldest = this.infos.keys().next()
    if (this.infos.size > KEPT_INFOS && oldest.done !== true) this.infos.delete(oldest.value)
    return info
  }

  async frameTimes(
    path: string,
    signal?: AbortSignal,
    range: TimeRange | null = null,
  ): Promise<readonly number[]> {
    const info = await this.probe(path, signal)
    if (info.kind !== 'video') throw unsupported(path, 'it is a picture')
    const index = await this.indexOf(path, info, signal)
    const last = index.seconds.at(-1) ?? 0
    if (!index.complete && (range === null || range.end > last)) {
      throw damaged(path, `it breaks off after ${last.toFixed(1)} seconds`)
    }
    return index.seconds
  }

  async pageSize(path: string, page: number): Promise<{ width: number; height: number }> {
    return await withImage(path, page, ({ width, height }) => Promise.resolve({ width, height }))
  }

  async *readPictures(
    refs: readonly PictureRef[],
    sources: readonly ReaderSource[],
    processing: ImageProcessing,
    signal?: AbortSignal,
  ): AsyncGenerator<ReadPicture, void> {
    const pending: PendingPicture[] = []
    try {
      for await (const picture of this.start(refs, sources, processing, signal)) {
        // Its failure is met when its turn comes; until then it must not count as unhandled.
        picture.pixels.catch(() => undefined)
        pending.push(picture)
        if (pending.length <= OVERLAP) continue
        const first = pending.shift()
        if (first !== undefined) yield { ref: first.ref, pixels: await first.pixels }
      }
    } catch (thrown) {
      // What was decoded before the failure is still good.
      if (signal?.aborted !== true) yield* finished(pending)
      throw thrown
    }
    yield* finished(pending)
  }

  async close(): Promise<void> {
    await this.parts.pool.close()
  }

  /** Decodes picture by picture and starts making model inputs of them. */
  private async *start(
    refs: readonly PictureRef[],
    sources: readonly ReaderSource[],
    processing: ImageProcessing,
    signal?: AbortSignal,
  ): AsyncGenerator<PendingPicture, void> {
    for (const group of groupPictures(refs)) {
      throwIfCancelled(signal)
      const source = sources[group.media]
      if (source === undefined)
        throw new RangeError(`expected one of ${sources.length} media, got ${group.media}`)
      await checkUnchanged(source.path, source.info.identity)
      try {
        yield* this.startGroup(group, source, processing, signal)
      } catch (thrown) {
        // A file that was replaced or removed meanwhile looks damaged: say what happened to it instead.
        if (thrown instanceof AppError && thrown.code === 'media_damaged') {
          await checkUnchanged(source.path, source.info.identity)
        }
        throw thrown
      }
      await checkUnchanged(source.path, source.info.identity)
    }
  }

  private startGroup(
    group: PictureGroup,
    { path, info }: ReaderSource,
    processing: ImageProcessing,
    signal?: AbortSignal,
  ): AsyncGenerator<PendingPicture, void> {
    if (group.kind === 'frames') {
      if (info.kind !== 'video') throw unsupported(path, 'it is a picture')
      return this.startFrames(group.refs, path, info, processing, signal)
    }
    if (info.kind !== 'image') throw unsupported(path, 'it is a video')
    return this.startPage(group, path, info, processing, signal)
  }

  private async *startFrames(
    refs: readonly PictureRef[],
    path: string,
    info: VideoInfo,
    processing: ImageProcessing,
    signal?: AbortSignal,
  ): AsyncGenerator<PendingPicture, void> {
    const index = await this.indexOf(path, info, signal)
    const frames = refs.map((ref) => (ref.kind === 'frame' ? ref.frame : 0))
    const tools = info.container === 'webp' ? null : await this.parts.tools()
    const raw =
      tools === null
        ? readWebpFrames(path, info, index, frames, signal)
        : readRawFrames({ path, info, index, frames, tools, signal })
    let decoded = 0
    let pixels: Promise<Uint8Array> = Promise.resolve(new Uint8Array(0))
    for await (const frame of raw) {
      const ref = refs[frame.index]
      if (ref === undefined) continue
      // A frame that stands for two wanted ones is resized once.
      if (frame.decoded !== decoded) {
        decoded = frame.decoded
        pixels = this.parts.pool.toModelInput(frame.rgb, info.width, info.height, processing)
        pixels.then(frame.release, frame.release)
      }
      yield { ref, pixels }
    }
  }

  private async *startPage(
    group: PictureGroup & { kind: 'page' },
    path: string,
    info: ImageInfo,
    processing: ImageProcessing,
    signal?: AbortSignal,
  ): AsyncGenerator<PendingPicture, void> {
    const source = await openPage(path, info, group.page, this.parts.tools, signal)
    try {
      for (const ref of group.refs) {
        throwIfCancelled(signal)
        if (ref.kind === 'tile') {
          yield { ref, pixels: Promise.resolve(await tileInput(source, processing, ref.row, ref.column)) }
          continue
        }
        const { width, height } = source
        const all = group.refs.length === 1 ? source.takeAll() : null
        const pixels =
          all === null
            ? Promise.resolve(await wholeInput(source, processing, signal))
            : this.parts.pool.toModelInput(all, width, height, processing)
        yield { ref, pixels }
      }
    } finally {
      await source.close()
    }
  }

  private async indexOf(path: string, info: VideoInfo, signal?: AbortSignal): Promise<FrameIndex> {
    const key = JSON.stringify([path, info.identity])
    const found = this.indices.get(key)
    if (found !== undefined) return found
    const tools = await this.parts.tools()
    const index = await readFrameIndex(path, info, { tools, signal })
    this.indices.set(key, index)
    const oldest = this.indices.keys().next()
    if (this.indices.size > KEPT_INDICES && oldest.done !== true) this.indices.delete(oldest.value)
    return index
  }
}

async function* finished(pending: PendingPicture[]): AsyncGenerator<ReadPicture, void> {
  for (const { ref, pixels } of pending.splice(0)) yield { ref, pixels: await pixels }
}
