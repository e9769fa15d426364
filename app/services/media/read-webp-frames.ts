import { throwIfCancelled } from './file-identity'
import type { FrameIndex } from './frame-index'
import type { VideoInfo } from './media-info'
import { openPixels } from './pixel-source'
import type { RawFrame } from './read-frames'

/** Frames of an animated WebP, which ffmpeg cannot read: sharp gives each frame drawn over those before it. */
export async function* readWebpFrames(
  path: string,
  info: VideoInfo,
  index: FrameIndex,
  frames: readonly number[],
  signal?: AbortSignal,
): AsyncGenerator<RawFrame, void> {
  for (const [position, frame] of frames.entries()) {
    throwIfCancelled(signal)
    const source = await openPixels(path, frame)
    try {
      const rgb = await source.readRegion(0, 0, info.width, info.height)
      yield {
        index: position,
        seconds: index.seconds[frame] ?? 0,
        rgb,
        decoded: position + 1,
        release: () => undefined,
      }
    } finally {
      await source.close()
    }
  }
}
