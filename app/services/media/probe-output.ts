import { z } from 'zod'

/** What is wanted of a file's description, whichever program gave it. */
export interface StreamDescription {
  readonly index: number
  readonly codec: string
  /** As stored, before rotation. */
  readonly width: number
  readonly height: number
  /** Degrees clockwise, 0…359. */
  readonly rotation: number
  /** The average; 0 where it is not told. */
  readonly frameRate: number
  readonly frameCount: number | null
  readonly isDefault: boolean
  /** A cover picture of a sound file. */
  readonly isCover: boolean
}

export interface ContainerDescription {
  readonly container: string
  readonly durationSeconds: number
  readonly startSeconds: number
  readonly hasAudio: boolean
  readonly videos: readonly StreamDescription[]
}

const numberText = z.union([z.string(), z.number()]).transform(Number).catch(NaN)

const ffprobeSchema = z.object({
  streams: z
    .array(
      z.object({
        index: z.number().int().min(0),
        codec_type: z.string().catch(''),
        codec_name: z.string().catch('unknown'),
        width: z.number().catch(0),
        height: z.number().catch(0),
        avg_frame_rate: z.string().catch(''),
        nb_frames: numberText,
        duration: numberText,
        disposition: z
          .object({ default: z.number().catch(0), attached_pic: z.number().catch(0) })
          .partial()
          .optional(),
        tags: z.object({ rotate: numberText }).partial().optional().catch(undefined),
        side_data_list: z
          .array(z.object({ rotation: z.number().optional() }))
          .optional()
          .catch(undefined),
      }),
    )
    .default([]),
  format: z.object({ format_name: z.string(), duration: numberText, start_time: numberText }),
})

/** "30000/1001" → 29.97…; 0 for "0/0" and nonsense. */
export function parseRate(text: string): number {
  const [numerator, denominator] = text.split('/').map(Number)
  const rate = (numerator ?? NaN) / (denominator ?? 1)
  return Number.isFinite(rate) && rate > 0 ? rate : 0
}

const finiteOr = (value: number, other: number) => (Number.isFinite(value) ? value : other)
const turn = (degrees: number) => ((Math.round(degrees) % 360) + 360) % 360

/** Reads `ffprobe -show_streams -show_format -of json`; null if it is not that. */
export function parseFfprobe(json: string): ContainerDescription | null {
  let parsed
  try {
    parsed = ffprobeSchema.safeParse(JSON.parse(json))
  } catch {
    return null
  }
  if (!parsed.success) return null
  const { streams, format } = parsed.data
  const videos = streams
    .filter((stream) => stream.codec_type === 'video')
    .map((stream): StreamDescription => {
      // The matrix turns anticlockwise, the old tag clockwise.
      const matrix = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation
      return {
        index: stream.index,
        codec: stream.codec_name,
        width: stream.width,
        height: stream.height,
        rotation: turn(matrix === undefined ? finiteOr(stream.tags?.rotate ?? 0, 0) : -matrix),
        // r_frame_rate does not stand in for it: in recordings of a browser it is that of the clock, 1000/1.
        frameRate: parseRate(stream.avg_frame_rate),
        frameCount: stream.nb_frames > 0 ? stream.nb_frames : null,
        isDefault: stream.disposition?.default === 1,
        isCover: stream.disposition?.attached_pic === 1,
      }
    })
  const streamDuration = Math.max(0, ...streams.map((stream) => finiteOr(stream.duration, 0)))
  return {
    container: format.format_name,
    durationSeconds: Math.max(finiteOr(format.duration, streamDuration), 0),
    startSeconds: finiteOr(format.start_time, 0),
    hasAudio: streams.some((stream) => stream.codec_type === 'audio'),
    videos,
  }
}

/** ffmpeg prints rates with two digits; these are the ones that stand for a fraction. */
const roundedRates: Readonly<Record<string, number>> = {
  '23.98': 24000 / 1001,
  '29.97': 30000 / 1001,
  '47.95': 48000 / 1001,
  '59.94': 60000 / 1001,
  '119.88': 120000 / 1001,
}

function parseVideoLine(line: string): StreamDescription | null {
  const found = /^\s*Stream #0:(\d+).*?: Video: (\w+)(.*)$/.exec(line)
  if (found === null) return null
  const [, index = '0', codec = 'unknown', rest = ''] = found
  const size = /[ ,](\d{1,6})x(\d{1,6})[ ,]/.exec(`${rest},`)
  const rate = /([\d.]+)(k?) fps/.exec(rest)
  const text = rate?.[1] ?? '0'
  return {
    index: Number(index),
    codec,
    width: Number(size?.[1] ?? 0),
    height: Number(size?.[2] ?? 0),
    rotation: 0,
    frameRate: (roundedRates[text] ?? finiteOr(Number(text), 0)) * (rate?.[2] === 'k' ? 1000 : 1),
    frameCount: null,
    isDefault: rest.includes('(default)'),
    isCover: rest.includes('(attached pic)'),
  }
}

/** Reads what `ffmpeg -i` prints about its input, for machines without ffprobe; null if no input was opened. */
export function parseBanner(lines: readonly string[]): ContainerDescription | null {
  let container: string | null = null
  let durationSeconds = 0
  let startSeconds = 0
  let hasAudio = false
  const videos: StreamDescription[] = []
  for (const line of lines) {
    container ??= /^Input #0, (.+), from '/.exec(line)?.[1] ?? null
    const duration = /^\s*Duration: (\d+):(\d\d):([\d.]+)/.exec(line)
    if (duration !== null) {
      durationSeconds = Number(duration[1]) * 3600 + Number(duration[2]) * 60 + Number(duration[3])
    }
    startSeconds = Number(/^\s*Duration: .*start: (-?[\d.]+)/.exec(line)?.[1] ?? startSeconds)
    if (/^\s*Stream #0:\d+.*: Audio: /.test(line)) hasAudio = true
    const video = parseVideoLine(line)
    if (video !== null) videos.push(video)
    const rotation = /^\s*displaymatrix: rotation of (-?[\d.]+) degrees/.exec(line)?.[1]
    const last = videos.at(-1)
    if (rotation !== undefined && last !== undefined) {
      videos[videos.length - 1] = { ...last, rotation: turn(-Number(rotation)) }
    }
  }
  return container === null ? null : { container, durationSeconds, startSeconds, hasAudio, videos }
}
