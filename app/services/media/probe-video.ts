import { AppError } from '../../contract/errors'
import { damaged, unsupported } from './file-identity'
import { shownPath } from './file-path'
import type { FfmpegTools } from './find-ffmpeg'
import { inputGuards, type Magic } from './formats'
import type { ImageInfo, MediaIdentity, MediaInfo, VideoInfo } from './media-info'
import { parseBanner, parseFfprobe, type ContainerDescription, type StreamDescription } from './probe-output'
import { withSafePath } from './safe-path'
import { ToolRun } from './tool-run'

/** Frames larger than this are taken for damage: 16 times an 8K frame. */
const MAX_FRAME_PIXELS = 16 * 7680 * 4320
/** Most lines of a description that are looked at; each stream takes a handful. */
const MAX_BANNER_LINES = 4000

export interface ProbeOptions {
  readonly tools: FfmpegTools
  readonly signal?: AbortSignal | undefined
}

interface Described {
  readonly description: ContainerDescription | null
  readonly lines: readonly string[]
}

async function describeWithFfprobe(program: string, path: string, signal?: AbortSignal): Promise<Described> {
  return await withSafePath(path, async (safePath) => {
    const args = ['-v', 'error', ...inputGuards, '-show_streams', '-show_format', '-of', 'json']
    const run = new ToolRun([...args, '-i', `file:${safePath}`], { program, file: path, signal })
    const text = await run.text()
    return { description: run.failure === null ? parseFfprobe(text) : null, lines: run.lines }
  })
}

async function describeWithFfmpeg(program: string, path: string, signal?: AbortSignal): Promise<Described> {
  return await withSafePath(path, async (safePath) => {
    const lines: string[] = []
    const run = new ToolRun(['-hide_banner', '-nostdin', ...inputGuards, '-i', `file:${safePath}`], {
      program,
      file: path,
      signal,
      onLine: (line) => {
        if (lines.length < MAX_BANNER_LINES) lines.push(line)
      },
    })
    // Without an output ffmpeg always ends as a failure; the lines tell whether the input was opened.
    await run.text()
    return { description: parseBanner(lines), lines: run.lines }
  })
}

/** The stream a player would show: not a cover, the default one, else the largest. */
function mainVideo(videos: readonly StreamDescription[]): StreamDescription | undefined {
  const area = (stream: StreamDescription) => stream.width * stream.height
  const shown = videos.filter((stream) => !stream.isCover)
  return shown.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault) || area(b) - area(a))[0]
}

/** Why ffmpeg could not open a file, for people. */
function openFailure(path: string, magic: Magic, lines: readonly string[]): AppError {
  const text = lines.join('\n')
  if (/No such file or directory/.test(text)) {
    const file = shownPath(path)
    return new AppError('media_not_found', `${file} went missing while it was opened`, { file })
  }
  if (magic === 'video' && /moov atom not found/.test(text)) {
    return damaged(path, 'its index is missing, as if copying or recording it had stopped early')
  }
  if (magic === 'heif') return unsupported(path, 'its kind of compression (HEIC) cannot be decoded here')
  if (magic === 'text') return unsupported(path, 'it holds text')
  if (magic === 'unknown') return unsupported(path, 'its content is of no known kind')
  return damaged(path, 'its beginning cannot be made sense of')
}

/** Describes a file by opening it with ffprobe, or ffmpeg where there is none: a video, or a picture sharp cannot read. */
export async function probeWithFfmpeg(
  path: string,
  identity: MediaIdentity,
  magic: Magic,
  options: ProbeOptions,
): Promise<MediaInfo> {
  const { tools, signal } = options
  const { description, lines } =
    tools.ffprobe === null
      ? await describeWithFfmpeg(tools.ffmpeg.path, path, signal)
      : await describeWithFfprobe(tools.ffprobe.path, path, signal)
  if (description === null) throw openFailure(path, magic, lines)
  const stream = mainVideo(description.videos)
  if (stream === undefined) {
    if (description.hasAudio) throw unsupported(path, 'it has sound but no picture')
    throw openFailure(path, magic, lines)
  }
  if (stream.width < 1 || stream.height < 1) throw damaged(path, 'it does not say how large its pictures are')
  if (stream.width * stream.height > MAX_FRAME_PIXELS) {
    throw unsupported(path, `its pictures of ${stream.width} x ${stream.height} pixels are too large`)
  }
  return description.container.endsWith('_pipe')
    ? imageInfo(identity, description, stream)
    : videoInfo(identity, description, stream)
}

function imageInfo(
  identity: MediaIdentity,
  { container }: ContainerDescription,
  { width, height }: StreamDescription,
): ImageInfo {
  const format = container.slice(0, -'_pipe'.length)
  return { kind: 'image', identity, width, height, pages: 1, format, reader: 'ffmpeg' }
}

function videoInfo(
  identity: MediaIdentity,
  container: ContainerDescription,
  stream: StreamDescription,
): VideoInfo {
  const turned = stream.rotation === 90 || stream.rotation === 270
  return {
    kind: 'video',
    identity,
    durationSeconds: container.durationSeconds,
    frameRate: stream.frameRate,
    frameCount: stream.frameCount,
    width: turned ? stream.height : stream.width,
    height: turned ? stream.width : stream.height,
    rotation: stream.rotation,
    hasAudio: container.hasAudio,
    codec: stream.codec,
    container: container.container,
    animated: stream.codec === 'gif' || stream.codec === 'apng',
    stream: stream.index,
    startSeconds: container.startSeconds,
  }
}
