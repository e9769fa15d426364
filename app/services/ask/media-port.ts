import type { ImageProcessing } from '../../domain/model-description'
import type { PictureRef } from '../../domain/request'
import type { MediaInfo } from '../media/media-info'

/** A file that pictures are read from. */
export interface PictureSource {
  readonly path: string
  readonly info: MediaInfo
}

/** What asking needs of the media service. All calls reject with `AppError`s. */
export interface MediaPort {
  /** The file itself, or the media files of a folder and its subfolders in natural order. */
  filesOf(path: string, signal: AbortSignal | undefined): Promise<readonly string[]>
  probe(path: string, signal: AbortSignal | undefined): Promise<MediaInfo>
  /** Presentation times of all decoded frames of a video, seconds, ascending. */
  frameTimes(path: string, signal: AbortSignal | undefined): Promise<ArrayLike<number>>
  /** Pixels of each picture in order, RGB bytes [side, side, 3]. `PictureRef.media` indexes `sources`. */
  readPictures(
    refs: readonly PictureRef[],
    sources: readonly PictureSource[],
    processing: ImageProcessing,
    signal: AbortSignal | undefined,
  ): AsyncIterable<{ readonly pixels: Uint8Array }>
}
