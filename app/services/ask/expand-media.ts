import { basename } from 'node:path'
import { AppError } from '../../contract/errors'
import type { TimeRange } from '../../domain/media/frame-sampling'
import type { RequestMedia, RequestTurn } from '../../domain/request'
import { formatTimecode } from '../../domain/time/timecode'
import { chooseFrames } from '../media/choose-frames'
import type { ImageInfo, MediaInfo } from '../media/media-info'
import type { MediaReader, ReaderSource } from '../media/media-reader'
import type { AskMedia, AskTurn } from './ask-types'

/** A file that pictures are read from, and which of the asked media it came from. */
export interface MediaSource extends ReaderSource {
  /** Index into the media of all turns, counted in order: a folder's files share its index. */
  readonly asked: number
  /** The turn that shows it, and which part of a video; null for all of it. */
  readonly turn: number
  readonly range: TimeRange | null
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
  reader: MediaReader,
  signal: AbortSignal | undefined,
): Promise<ExpandedRequest> {
  const sources: MediaSource[] = []
  const expanded: RequestTurn[] = []
  let asked = 0
  for (const [index, turn] of turns.entries()) {
    const media: RequestMedia[] = []
    for (const item of turn.media) {
      const firstSource = sources.length
      for (const path of await reader.filesOf(item.path, signal)) {
        const info = await reader.probe(path, signal)
        const shown = await requestMediaOf(path, info, item, sampling, reader, signal)
        media.push(...shown)
        // One source for each page too: `PictureRef.media` counts what is shown, not files.
        sources.push(...shown.map(() => ({ path, info, asked, turn: index, range: item.range })))
      }
      if (item.range !== null) checkHasTimes(item, sources.slice(firstSource))
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

/** A part in seconds of something that has no times would be ignored in silence. */
function checkHasTimes({ path }: AskMedia, sources: readonly MediaSource[]): void {
  if (sources.some(({ info }) => info.kind === 'video')) return
  const reason = `a part in seconds was asked for, but "${basename(path)}" has no video in it`
  throw new AppError('invalid_input', reason, { reason })
}

async function requestMediaOf(
  path: string,
  info: MediaInfo,
  item: AskMedia,
  sampling: SamplingChoice,
  reader: MediaReader,
  signal: AbortSignal | undefined,
): Promise<RequestMedia[]> {
  if (info.kind === 'image') return await requestPages(path, info, item.tiles, reader)
  const times = await reader.frameTimes(path, signal, item.range)
  const frames = chooseFrames(info, times, { ...sampling, range: item.range })
  if (frames.length === 0) throw noFrames(path, info.durationSeconds || (times.at(-1) ?? 0), item)
  return [{ kind: 'video', frames }]
}

/** Pages may differ in size, which decides how many tiles each has. */
async function requestPages(
  path: string,
  info: ImageInfo,
  tiled: boolean,
  reader: MediaReader,
): Promise<RequestMedia[]> {
  const pages: RequestMedia[] = []
  for (let page = 0; page < info.pages; page += 1) {
    const { width, height } = tiled && page > 0 ? await reader.pageSize(path, page) : info
    pages.push({ kind: 'image', page, width, height, tiled })
  }
  return pages
}

/** Why a video gives no frames: the marked part lies beyond its end, or it holds no decodable picture at all. */
function noFrames(path: string, endSeconds: number, { range }: AskMedia): AppError {
  const file = basename(path)
  if (range !== null && range.start >= endSeconds) {
    const reason = `the part from ${formatTimecode(range.start)} on lies beyond the end of "${file}", which is ${formatTimecode(endSeconds)} long.`
    return new AppError('invalid_input', reason, { reason })
  }
  const reason = 'no frame of it can be read'
  return new AppError('media_damaged', `${path}: ${reason}`, { file, reason })
}
