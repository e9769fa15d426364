import { damaged } from './file-identity'
import type { FfmpegTools } from './find-ffmpeg'
import type { ImageInfo, VideoInfo } from './media-info'
import { MemoryPixels, openPixels, type PixelSource } from './pixel-source'
import { readRawFrames } from './read-frames'

/** A still picture as a video of one frame, for the formats that only ffmpeg reads. */
function asVideo(info: ImageInfo): VideoInfo {
  return {
    kind: 'video',
    identity: info.identity,
    durationSeconds: 0,
    frameRate: 0,
    frameCount: 1,
    width: info.width,
    height: info.height,
    rotation: 0,
    hasAudio: false,
    codec: info.format,
    container: `${info.format}_pipe`,
    animated: false,
    stream: 0,
    startSeconds: 0,
  }
}

async function decodeWithFfmpeg(
  path: string,
  info: ImageInfo,
  tools: FfmpegTools,
  signal?: AbortSignal,
): Promise<PixelSource> {
  const index = { seconds: [0], timed: false, keyframes: [], complete: true }
  for await (const { rgb } of readRawFrames({
    path,
    info: asVideo(info),
    index,
    frames: [0],
    tools,
    signal,
  })) {
    return new MemoryPixels(rgb, info.width, info.height)
  }
  throw damaged(path, 'its pixels cannot be decoded')
}

/**
 * Decodes a page of a picture with the library that reads its format. Close it.
 * throws: media_not_found, media_unsupported, media_damaged, disk_full, media_timeout, cancelled.
 */
export async function openPage(
  path: string,
  info: ImageInfo,
  page: number,
  tools: () => Promise<FfmpegTools>,
  signal?: AbortSignal,
): Promise<PixelSource> {
  return info.reader === 'sharp'
    ? await openPixels(path, page)
    : await decodeWithFfmpeg(path, info, await tools(), signal)
}
