import { AppError } from '../../app/contract/errors'
import type { ImageProcessing } from '../../app/domain/model-description'
import type { PictureRef } from '../../app/domain/request'
import type { MediaInfo } from '../../app/services/media/media-info'
import type { MediaReader, ReaderSource, ReadPicture } from '../../app/services/media/media-reader'

export function imageInfo(changes: Partial<MediaInfo & { kind: 'image' }> = {}): MediaInfo {
  const identity = { sizeBytes: 10, mtimeMs: 20 }
  return {
    kind: 'image',
    identity,
    width: 100,
    height: 80,
    pages: 1,
    format: 'png',
    reader: 'sharp',
    ...changes,
  }
}

export function videoInfo(durationSeconds: number): MediaInfo {
  return {
    kind: 'video',
    identity: { sizeBytes: 30, mtimeMs: 40 },
    durationSeconds,
    frameRate: 10,
    frameCount: durationSeconds * 10,
    width: 64,
    height: 48,
    rotation: 0,
    hasAudio: false,
    codec: 'h264',
    container: 'mp4',
    animated: false,
    stream: 0,
    startSeconds: 0,
  }
}

/** Media that exist only in the test: folders are lists of paths, pictures one byte each. */
export class FakeMediaReader implements MediaReader {
  readonly files = new Map<string, MediaInfo>()
  readonly folders = new Map<string, readonly string[]>()
  /** Pictures that were handed out. */
  read = 0
  /** Whether the last reading was let run to its end. */
  finished = false
  /** Awaited before each picture; a rejection is the reader's failure. */
  beforePicture: (index: number) => Promise<void> = () => Promise.resolve()

  filesOf(path: string): Promise<readonly string[]> {
    return Promise.resolve(this.folders.get(path) ?? [path])
  }

  probe(path: string, signal?: AbortSignal): Promise<MediaInfo> {
    if (signal?.aborted === true) return Promise.reject(new AppError('cancelled', 'stopped'))
    const info = this.files.get(path)
    return info === undefined
      ? Promise.reject(new AppError('media_not_found', path, { file: path }))
      : Promise.resolve(info)
  }

  async frameTimes(path: string): Promise<readonly number[]> {
    const info = await this.probe(path)
    const frames = info.kind === 'video' ? (info.frameCount ?? 0) : 0
    return Array.from({ length: frames }, (_, frame) => frame / 10)
  }

  pageSize(): Promise<{ width: number; height: number }> {
    return Promise.resolve({ width: 20, height: 30 })
  }

  async *readPictures(
    refs: readonly PictureRef[],
    _sources: readonly ReaderSource[],
    _processing: ImageProcessing,
    signal?: AbortSignal,
  ): AsyncGenerator<ReadPicture, void> {
    this.finished = false
    for (const [index, ref] of refs.entries()) {
      const aborted = new Promise<void>((resolve) => {
        signal?.addEventListener('abort', () => {
          resolve()
        })
      })
      await Promise.race([this.beforePicture(index), aborted])
      if (signal?.aborted === true) throw new AppError('cancelled', 'the fake reader was stopped')
      this.read += 1
      yield { ref, pixels: Uint8Array.of(index % 256) }
    }
    this.finished = true
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
