import { damaged, throwIfCancelled } from './file-identity'
import type { FfmpegTools } from './find-ffmpeg'
import { inputGuards } from './formats'
import type { VideoInfo } from './media-info'
import { withImage } from './open-image'
import { shownMilliseconds } from './probe-image'
import { withSafePath } from './safe-path'
import { FrameLog } from './frame-log'
import { ToolRun } from './tool-run'
import { frameSync } from './ffmpeg-version'

/** When each decoded frame of a video is shown, and where decoding can begin. */
export interface FrameIndex {
  /** Seconds from the container's start, in order of presentation; one entry for each frame that a decoder gives. */
  readonly seconds: readonly number[]
  /**
   * False when times could not be read and were made up from the frame rate (time jumps back, or stamps are missing):
   * frames are then found by counting.
   */
  readonly timed: boolean
  /** Frames that decoding can begin at, ascending. Empty: only from the start. */
  readonly keyframes: readonly number[]
  /** False when the container announces frames that are not there. */
  readonly complete: boolean
}

export interface FrameIndexOptions {
  readonly tools: FfmpegTools
  readonly signal?: AbortSignal | undefined
}

/** Codecs of which each packet becomes exactly one frame, so that counting packets counts frames. */
const onePacketOneFrame = new Set([
  ...[
    'h264',
    'hevc',
    'vvc',
    'av1',
    'vp9',
    'mpeg1video',
    'mpeg2video',
    'mjpeg',
    'prores',
    'dnxhd',
    'ffv1',
    'huffyuv',
  ],
  ...['gif', 'apng', 'png', 'rawvideo', 'vc1', 'utvideo', 'qtrle', 'cinepak', 'svq1', 'svq3'],
])

/** Containers whose own index leads exactly to a keyframe. */
const seekableContainer = /^mov,|^matroska/

interface Packet {
  readonly ticks: number
  readonly isKey: boolean
  /** Outside of the file's edit list: decoded, never shown. */
  readonly isHidden: boolean
}

interface PacketList {
  readonly packets: readonly Packet[]
  readonly tickSeconds: number
  readonly complete: boolean
  /** Whether time stamps are all there and never jump back. */
  readonly orderly: boolean
}

/** ffprobe's lines: `pts=1024|dts=512|flags=K__`, and at the end `time_base=1/12800`. */
async function readPackets(
  path: string,
  info: VideoInfo,
  program: string,
  signal?: AbortSignal,
): Promise<PacketList> {
  return await withSafePath(path, async (safePath) => {
    const what = [
      '-select_streams',
      String(info.stream),
      '-show_entries',
      'packet=pts,dts,flags:stream=time_base',
    ]
    const args = ['-v', 'error', ...inputGuards, ...what, '-of', 'compact=p=0', '-i', `file:${safePath}`]
    const run = new ToolRun(args, { program, file: path, signal })
    const packets: Packet[] = []
    let tickSeconds = 0
    let orderly = true
    let lastDecoding = -Infinity
    for await (const line of linesOf(run)) {
      const packet = /^pts=(-?\d+|N\/A)\|dts=(-?\d+|N\/A)\|flags=(\S*)/.exec(line)
      if (packet === null) {
        const base = /^time_base=(\d+)\/(\d+)/.exec(line)
        if (base !== null) tickSeconds = Number(base[1]) / Number(base[2])
        continue
      }
      const [, pts = '', dts = '', flags = ''] = packet
      const decoding = Number(dts)
      if (pts === 'N/A' || decoding < lastDecoding) orderly = false
      if (dts !== 'N/A') lastDecoding = decoding
      packets.push({ ticks: Number(pts), isKey: flags.startsWith('K'), isHidden: flags.includes('D') })
    }
    const cutOff = run.lines.some((line) => /partial file|ended prematurely|truncat/i.test(line))
    const complete = !cutOff && run.failure === null && packets.length >= (info.frameCount ?? 0)
    return { packets, tickSeconds, complete, orderly: orderly && tickSeconds > 0 }
  })
}

async function* linesOf(run: ToolRun): AsyncGenerator<string, void> {
  let rest = ''
  for await (const chunk of run) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** The index of packets as frames, or null when packets do not tell. */
function indexOfPackets(list: PacketList, info: VideoInfo): FrameIndex | null {
  if (!list.orderly) return null
  // What comes before the first keyframe cannot be decoded: a recording that was switched on in the middle.
  const firstKey = list.packets.findIndex((packet) => packet.isKey)
  if (firstKey < 0) return null
  const shown = list.packets
    .slice(firstKey)
    .filter((packet) => !packet.isHidden)
    .toSorted((a, b) => a.ticks - b.ticks)
  if (shown.some((packet, index) => packet.ticks === shown[index - 1]?.ticks)) return null
  const seconds = shown.map((packet) => packet.ticks * list.tickSeconds - info.startSeconds)
  const keyframes = seekableContainer.test(info.container)
    ? shown.flatMap((packet, index) => (packet.isKey ? [index] : []))
    : []
  return { seconds, timed: true, keyframes, complete: list.complete }
}

/** Decodes the whole video once and notes each frame's time: exact for every codec, but slow. */
async function indexByDecoding(
  path: string,
  info: VideoInfo,
  options: FrameIndexOptions,
): Promise<FrameIndex> {
  return await withSafePath(path, async (safePath) => {
    const log = new FrameLog()
    const run = new ToolRun(
      {
        input: `file:${safePath}`,
        inputOptions: ['-copyts', ...inputGuards],
        outputOptions: [
          ...[
            '-map',
            `0:${info.stream}`,
            '-an',
            '-vf',
            'showinfo',
            ...frameSync(options.tools.ffmpeg.version),
          ],
          ...['-f', 'null'],
        ],
      },
      { program: options.tools.ffmpeg.path, file: path, signal: options.signal, onLine: log.take },
    )
    await run.text()
    const times = log.seconds.map((time) => time - info.startSeconds)
    const timed = times.every((time, index) => time > (times[index - 1] ?? -Infinity))
    const rate = info.frameRate > 0 ? info.frameRate : 25
    return {
      seconds: timed ? times : times.map((_, index) => index / rate),
      timed,
      keyframes: [],
      complete: run.failure === null && times.length >= (info.frameCount ?? 0),
    }
  })
}

async function indexOfWebp(path: string): Promise<FrameIndex> {
  return await withImage(path, 0, ({ metadata }) => {
    const seconds: number[] = []
    let milliseconds = 0
    for (let frame = 0; frame < (metadata.pages ?? 1); frame++) {
      seconds.push(milliseconds / 1000)
      milliseconds += shownMilliseconds(metadata.delay?.[frame])
    }
    return Promise.resolve({ seconds, timed: true, keyframes: [], complete: true })
  })
}

/**
 * Lists the frames of a video, in most files without decoding it.
 * throws: media_damaged when there is none; what running ffmpeg throws.
 */
export async function readFrameIndex(
  path: string,
  info: VideoInfo,
  options: FrameIndexOptions,
): Promise<FrameIndex> {
  throwIfCancelled(options.signal)
  const index = await makeIndex(path, info, options)
  if (index.seconds.length === 0) throw damaged(path, 'no picture in it can be decoded')
  return index
}

async function makeIndex(path: string, info: VideoInfo, options: FrameIndexOptions): Promise<FrameIndex> {
  if (info.container === 'webp') return await indexOfWebp(path)
  const { ffprobe } = options.tools
  if (ffprobe !== null && onePacketOneFrame.has(info.codec)) {
    const index = indexOfPackets(await readPackets(path, info, ffprobe.path, options.signal), info)
    if (index !== null) return index
  }
  return await indexByDecoding(path, info, options)
}
