import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes media for tests with ffmpeg, whose frames tell their own number. */

/** Bits of a frame's number, shown as a row of black and white blocks over the whole width. */
const NUMBER_BITS = 16

export interface NumberedVideo {
  readonly frames: number
  readonly width?: number
  readonly height?: number
  readonly rate?: number
  /** Arguments for the output, e.g. a codec. Default: H.264 with B frames and a keyframe every 50 frames. */
  readonly output?: readonly string[]
  /** Number of the first frame. */
  readonly firstNumber?: number
}

const h264 = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-pix_fmt',
  'yuv420p',
  '-bf',
  '2',
  '-g',
  '50',
  '-sc_threshold',
  '0',
]

function numberedFrame(number: number, width: number, height: number): Buffer {
  const row = Buffer.alloc(width)
  for (let x = 0; x < width; x++) {
    const bit = Math.floor((x * NUMBER_BITS) / width)
    row[x] = (number >> bit) & 1 ? 235 : 20
  }
  const frame = Buffer.alloc(width * height)
  for (let y = 0; y < height; y++) row.copy(frame, y * width)
  return frame
}

/** Runs ffmpeg and throws with its words when it fails. */
export function ffmpeg(args: readonly string[], input?: Buffer): void {
  const { status, stderr, error } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], {
    ...(input === undefined ? { stdio: ['ignore', 'ignore', 'pipe'] } : { input }),
    maxBuffer: 1 << 26,
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${stderr.toString()}`)
}

/** Writes a video whose frame `i` shows the number `firstNumber + i`. */
export function makeNumberedVideo(path: string, video: NumberedVideo): void {
  const { frames, width = 320, height = 180, rate = 25, output = h264, firstNumber = 0 } = video
  const pictures = Array.from({ length: frames }, (_, i) => numberedFrame(i + firstNumber, width, height))
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-s',
    `${width}x${height}`,
    '-r',
    String(rate),
    '-i',
    'pipe:0',
  ]
  ffmpeg([...input, ...output, path.startsWith('-') ? `./${path}` : `file:${path}`], Buffer.concat(pictures))
}

/** Reads the number off a frame, [height, width, 3]: the middle of each block, in the middle row. */
export function readNumber(rgb: Uint8Array, width: number, height: number): number {
  let number = 0
  for (let bit = 0; bit < NUMBER_BITS; bit++) {
    const x = Math.floor(((bit + 0.5) * width) / NUMBER_BITS)
    const at = (Math.floor(height / 2) * width + x) * 3
    if ((rgb[at] ?? 0) > 128) number |= 1 << bit
  }
  return number
}

/** Turns a video by 90 degrees clockwise for display: writes the rotation into each track header of an MP4. */
export function rotateMp4(path: string): void {
  const bytes = readFileSync(path)
  for (let at = bytes.indexOf('tkhd'); at >= 0; at = bytes.indexOf('tkhd', at + 4)) {
    const version = bytes[at + 4] ?? 0
    const matrix = at + 8 + (version === 1 ? 32 : 20) + 16
    const one = 0x10000
    for (const [i, value] of [0, one, 0, -one, 0, 0, 0, 0, 0x40000000].entries())
      bytes.writeInt32BE(value, matrix + i * 4)
  }
  writeFileSync(path, bytes)
}

/** A fresh folder, removed by `remove`. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'longlens-test-'))
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true })
    },
  }
}
