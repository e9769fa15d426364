import { readdir } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { AppError } from '../../app/contract/errors'
import type {
  FramePlan,
  LibraryMedia,
  ListedFile,
  ProbedMedia,
} from '../../app/services/library/library-media'
import type { PreviewMedia } from '../../app/services/library/preview-service'

/**
 * Media by the names of real files: `.mp4` is a video of ten seconds, `.png` a picture; `broken.*` is damaged, `locked`
 * a folder that may not be read.
 */
export class FakeMedia implements LibraryMedia, PreviewMedia {
  probes = 0
  previews: string[] = []

  kindOf(path: string): 'video' | 'image' | null {
    return { '.mp4': 'video' as const, '.png': 'image' as const }[extname(path)] ?? null
  }

  probe(path: string): Promise<ProbedMedia> {
    this.probes += 1
    const kind = this.kindOf(path)
    const file = path
    if (kind === null)
      return Promise.reject(new AppError('media_unsupported', path, { file, reason: 'unknown' }))
    if (path.includes('broken'))
      return Promise.reject(new AppError('media_damaged', path, { file, reason: 'torn' }))
    const isVideo = kind === 'video'
    return Promise.resolve({
      kind,
      width: 640,
      height: 360,
      durationSeconds: isVideo ? 10 : 0,
      frameRate: isVideo ? 25 : 0,
      hasAudio: isVideo,
      pages: 1,
      playable: isVideo,
    })
  }

  async listFolder(path: string): Promise<ListedFile[]> {
    if (path.includes('locked'))
      throw new AppError('media_unreadable', path, { file: path, reason: 'permission was denied' })
    const found = await readdir(path, { recursive: true, withFileTypes: true })
    const names = found.map((entry) => relative(path, join(entry.parentPath, entry.name))).sort()
    return names.flatMap((name) => {
      const kind = this.kindOf(name)
      return kind === null ? [] : [{ name, kind }]
    })
  }

  planFrames(_path: string, { intervalSeconds, maxFrames, range }: FramePlan): Promise<number[]> {
    const { start, end } = range ?? { start: 0, end: 10 }
    const count = Math.min(maxFrames, Math.ceil((end - start) / intervalSeconds))
    return Promise.resolve(Array.from({ length: count }, (_, index) => start + index * intervalSeconds))
  }

  page(path: string, page: number, width: number): Promise<Uint8Array> {
    this.previews.push(`page ${page} at ${width}`)
    return Promise.resolve(Buffer.from(`page ${page} of ${path}`))
  }

  frame(path: string, seconds: number, width: number): Promise<Uint8Array> {
    this.previews.push(`frame ${seconds} at ${width}`)
    return Promise.resolve(Buffer.from(`frame ${seconds} of ${path}`))
  }
}
