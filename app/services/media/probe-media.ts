import { open } from 'node:fs/promises'
import { identify, throwIfCancelled, toFileError, unsupported } from './file-identity'
import { toFsPath } from './file-path'
import { magicOf } from './formats'
import type { MediaIdentity, MediaInfo } from './media-info'
import { countFrames, isAnimatedPng, probeAnimatedWebp, probeStillImage } from './probe-image'
import { probeWithFfmpeg } from './probe-video'
import type { FfmpegTools } from './find-ffmpeg'

const HEAD_BYTES = 512

async function readHead(path: string): Promise<Buffer> {
  try {
    const file = await open(toFsPath(path), 'r')
    try {
      const head = Buffer.alloc(HEAD_BYTES)
      const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0)
      return head.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (thrown) {
    throw toFileError(thrown, path)
  }
}

export interface ProbeMediaOptions {
  /** Asked for only when a file needs ffmpeg: pictures open without it. */
  readonly tools: () => Promise<FfmpegTools>
  readonly signal?: AbortSignal | undefined
}

/**
 * Finds out what a file is, from its content. Nothing is decoded.
 * throws: media_not_found, media_unreadable, media_empty, media_unsupported, media_damaged, media_timeout,
 * ffmpeg_missing, cancelled.
 */
export async function probeMedia(path: string, options: ProbeMediaOptions): Promise<MediaInfo> {
  throwIfCancelled(options.signal)
  const identity = await identify(path)
  const head = await readHead(path)
  const magic = magicOf(head)
  const withFfmpeg = async () =>
    await probeWithFfmpeg(path, identity, magic, { tools: await options.tools(), signal: options.signal })
  switch (magic) {
    case 'jpeg':
    case 'tiff':
    case 'heif':
      return await probeStillImage(path, identity)
    case 'png':
      return (await isAnimatedPng(path)) ? await withFfmpeg() : await probeStillImage(path, identity)
    case 'gif':
      return (await countFrames(path)) > 1 ? await withFfmpeg() : await probeStillImage(path, identity)
    case 'webp':
      return await probeWebp(path, identity)
    case 'text':
      throw unsupported(path, 'it holds text')
    default:
      return await withFfmpeg()
  }
}

async function probeWebp(path: string, identity: MediaIdentity): Promise<MediaInfo> {
  return (await countFrames(path)) > 1
    ? await probeAnimatedWebp(path, identity)
    : await probeStillImage(path, identity)
}
