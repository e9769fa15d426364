/** What the library wants to know of media; the media service answers. All calls reject with `AppError`s. */

export interface ProbedMedia {
  readonly kind: 'video' | 'image'
  /** Pixels after rotation. */
  readonly width: number
  readonly height: number
  /** 0 for images. */
  readonly durationSeconds: number
  readonly frameRate: number
  readonly hasAudio: boolean
  readonly pages: number
  /** Whether a browser is likely to play the file itself. */
  readonly playable: boolean
}

export interface ListedFile {
  /** Path relative to the folder, with bytes that are not UTF-8 as `media/file-path.ts` has them. */
  readonly name: string
  readonly kind: 'video' | 'image'
}

export interface FramePlan {
  readonly intervalSeconds: number
  readonly maxFrames: number
  readonly range: { readonly start: number; readonly end: number } | null
}

export interface LibraryMedia {
  /** By the name alone; null for what is neither. */
  kindOf(path: string): 'video' | 'image' | null
  probe(path: string, signal?: AbortSignal): Promise<ProbedMedia>
  /** Pictures and videos below a folder, recursively, in natural order. Empty when there are none. */
  listFolder(path: string, signal?: AbortSignal): Promise<readonly ListedFile[]>
  /** Times (seconds) of the frames that the sampling rule chooses. */
  planFrames(path: string, plan: FramePlan, signal?: AbortSignal): Promise<number[]>
}
