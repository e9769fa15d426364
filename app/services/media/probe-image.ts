import { open } from 'node:fs/promises'
import { toFsPath } from './file-path'
import type { ImageInfo, MediaIdentity, VideoInfo } from './media-info'
import { withImage } from './open-image'

/** Most chunks looked at before the first pixels of a PNG. */
const MAX_PNG_CHUNKS = 1000

/** Whether a PNG is animated: an `acTL` chunk with more than one frame stands before the first `IDAT`. */
export async function isAnimatedPng(path: string): Promise<boolean> {
  const file = await open(toFsPath(path), 'r')
  try {
    const chunk = Buffer.alloc(12)
    let at = 8
    for (let i = 0; i < MAX_PNG_CHUNKS; i++) {
      const { bytesRead } = await file.read(chunk, 0, 12, at)
      const type = chunk.toString('latin1', 4, 8)
      if (bytesRead < 12 || type === 'IDAT') return false
      if (type === 'acTL') return chunk.readUInt32BE(8) > 1
      at += chunk.readUInt32BE(0) + 12
    }
    return false
  } finally {
    await file.close()
  }
}

/** Frames of a GIF or WebP file. */
export async function countFrames(path: string): Promise<number> {
  return await withImage(path, 0, ({ metadata }) => Promise.resolve(metadata.pages ?? 1))
}

export async function probeStillImage(path: string, identity: MediaIdentity): Promise<ImageInfo> {
  return await withImage(path, 0, ({ metadata, width, height }) =>
    Promise.resolve({
      kind: 'image',
      identity,
      width,
      height,
      pages: Math.max(metadata.pages ?? 1, 1),
      format: metadata.format,
      reader: 'sharp',
    }),
  )
}

/** Browsers show a frame of 10 ms or less for 100 ms; so do ffmpeg for GIF and this for WebP. */
export function shownMilliseconds(delay: number | undefined): number {
  return delay === undefined || delay <= 10 ? 100 : delay
}

/** An animated WebP as a video: ffmpeg skips its frames, so sharp reads it. */
export async function probeAnimatedWebp(path: string, identity: MediaIdentity): Promise<VideoInfo> {
  return await withImage(path, 0, ({ metadata, width, height }) => {
    const frames = metadata.pages ?? 1
    let milliseconds = 0
    for (let i = 0; i < frames; i++) milliseconds += shownMilliseconds(metadata.delay?.[i])
    return Promise.resolve({
      kind: 'video',
      identity,
      durationSeconds: milliseconds / 1000,
      frameRate: (frames * 1000) / milliseconds,
      frameCount: frames,
      width,
      height,
      rotation: 0,
      hasAudio: false,
      codec: 'webp',
      container: 'webp',
      animated: true,
      stream: 0,
      startSeconds: 0,
    })
  })
}
