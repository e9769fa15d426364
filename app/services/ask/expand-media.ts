import { sampleFrames } from '../../domain/media/frame-sampling'
import type { RequestMedia, RequestTurn } from '../../domain/request'
import type { MediaInfo } from '../media/media-info'
import type { AskMedia, AskTurn } from './ask-types'
import type { MediaPort, PictureSource } from './media-port'

/** A file that pictures are read from, and which of the asked media it came from. */
export interface MediaSource extends PictureSource {
  /** Index into the media of all turns, counted in order: a folder's files share its index. */
  readonly asked: number
}

export interface ExpandedRequest {
  readonly turns: RequestTurn[]
  /** `PictureRef.media` indexes this list. */
  readonly sources: MediaSource[]
}

export interface SamplingChoice {
  readonly intervalSeconds: number
  readonly maxFrames: number
}

/**
 * Finds out what every medium of a request is: folders are listed, files probed, frames of videos chosen. Nothing is
 * decoded. Pages of a picture file become pictures one after the other. Rejects with the media service's `AppError`s.
 */
export async function expandMedia(
  turns: readonly AskTurn[],
  sampling: SamplingChoice,
  port: MediaPort,
  signal: AbortSignal | undefined,
): Promise<ExpandedRequest> {
  const sources: MediaSource[] = []
  const expanded: RequestTurn[] = []
  let asked = 0
  for (const turn of turns) {
    const media: RequestMedia[] = []
    for (const item of turn.media) {
      for (const path of await port.filesOf(item.path, signal)) {
        const info = await port.probe(path, signal)
        sources.push({ path, info, asked })
        media.push(...(await requestMediaOf(path, info, item, sampling, port, signal)))
      }
      asked += 1
    }
    expanded.push({
      question: turn.question,
      media,
      ...(turn.reply === undefined ? {} : { reply: turn.reply }),
    })
  }
  return { turns: expanded, sources }
}

async function requestMediaOf(
  path: string,
  info: MediaInfo,
  item: AskMedia,
  sampling: SamplingChoice,
  port: MediaPort,
  signal: AbortSignal | undefined,
): Promise<RequestMedia[]> {
  if (info.kind === 'image') {
    return Array.from({ length: info.pages }, (_, page) => ({
      kind: 'image' as const,
      page,
      width: info.width,
      height: info.height,
      tiled: item.tiles,
    }))
  }
  const times = await port.frameTimes(path, signal)
  const frames = sampleFrames({
    times,
    frameRate: info.frameRate,
    intervalSeconds: sampling.intervalSeconds,
    maxFrames: sampling.maxFrames,
    range: item.range,
  })
  return [{ kind: 'video', frames }]
}
