/** What the media service knows of a file. Found from its content, never from its name. */

/** Tells whether a file is still the one that was probed. */
export interface MediaIdentity {
  readonly sizeBytes: number
  readonly mtimeMs: number
}

export interface VideoInfo {
  readonly kind: 'video'
  readonly identity: MediaIdentity
  /** As the container says; may be 0 where it does not say. */
  readonly durationSeconds: number
  /** Average frames per second, as decord and OpenCV report it; 0 if the container does not tell. */
  readonly frameRate: number
  /** What the container says, not counted; null if it does not say. */
  readonly frameCount: number | null
  /** Pixels, after rotation. */
  readonly width: number
  readonly height: number
  /** Degrees clockwise that frames are turned for display: 0, 90, 180 or 270 (other angles keep the frame's size). */
  readonly rotation: number
  readonly hasAudio: boolean
  /** ffmpeg's names, e.g. `h264` and `mov,mp4,m4a,3gp,3g2,mj2`. Animated WebP, read by sharp: `webp` and `webp`. */
  readonly codec: string
  readonly container: string
  /** An animated picture (GIF, WebP, PNG) rather than a film. */
  readonly animated: boolean
  /** Index of the video stream in the file. */
  readonly stream: number
  /** Time of the container's first sample; frame times count from here. */
  readonly startSeconds: number
}

export interface ImageInfo {
  readonly kind: 'image'
  readonly identity: MediaIdentity
  /** Of the first page, pixels, after EXIF orientation. */
  readonly width: number
  readonly height: number
  /** At least 1. */
  readonly pages: number
  /** e.g. `jpeg`, `png`, `tiff`, `bmp`. */
  readonly format: string
  /** Which library reads it: ffmpeg takes the formats that sharp was built without. */
  readonly reader: 'sharp' | 'ffmpeg'
}

export type MediaInfo = VideoInfo | ImageInfo
