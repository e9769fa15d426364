import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFfmpeg, type FfmpegTools } from '../../app/services/media/find-ffmpeg'
import { readFrameIndex } from '../../app/services/media/frame-index'
import { probeMedia } from '../../app/services/media/probe-media'
import { readRawFrames } from '../../app/services/media/read-frames'
import type { VideoInfo } from '../../app/services/media/media-info'
import { ffmpeg, makeNumberedVideo, readNumber, rotateMp4, temporaryFolder } from '../helpers/make-media'

const folder = temporaryFolder()
let tools: FfmpegTools

beforeAll(async () => {
  tools = await findFfmpeg({ env: process.env })
})
afterAll(folder.remove)

async function probeVideo(path: string, use = tools): Promise<VideoInfo> {
  const info = await probeMedia(path, { tools: () => Promise.resolve(use) })
  if (info.kind !== 'video') throw new Error(`expected a video, got ${info.kind}`)
  return info
}

/** The numbers shown in the chosen frames (null: all of them), and the times they came with. */
async function numbersOf(path: string, frames: readonly number[] | null, use = tools) {
  const info = await probeVideo(path, use)
  const index = await readFrameIndex(path, info, { tools: use })
  const wanted = frames ?? index.seconds.map((_, i) => i)
  const numbers: number[] = []
  const seconds: number[] = []
  let error: unknown = null
  try {
    for await (const frame of readRawFrames({ path, info, index, frames: wanted, tools: use })) {
      expect(frame.index).toBe(numbers.length)
      numbers.push(readNumber(frame.rgb, info.width, info.height))
      seconds.push(Math.round(frame.seconds * 1000) / 1000)
    }
  } catch (thrown) {
    error = thrown
  }
  return { info, index, numbers, seconds, error }
}

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => i + from)

describe('frames of videos', () => {
  it('gives every frame of an H.264 video with B frames, in order and with its time', async () => {
    const path = join(folder.path, 'plain.mp4')
    makeNumberedVideo(path, { frames: 120 })

    const { info, index, numbers, seconds } = await numbersOf(path, null)

    expect(info).toMatchObject({ width: 320, height: 180, frameRate: 25, frameCount: 120, codec: 'h264' })
    expect(index.keyframes).toEqual([0, 50, 100])
    expect(index.complete).toBe(true)
    expect(numbers).toEqual(upTo(120))
    expect(seconds.slice(0, 3)).toEqual([0, 0.04, 0.08])
    expect(seconds[119]).toBe(4.76)
  })

  it('gives exactly the chosen frames when they lie so far apart that it seeks', async () => {
    const path = join(folder.path, 'long.mp4')
    const enlarge = ['-vf', 'scale=1280:720:flags=neighbor', '-preset', 'ultrafast']
    makeNumberedVideo(path, {
      frames: 1500,
      width: 32,
      height: 18,
      output: [...enlarge, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bf', '2', '-g', '30'],
    })
    const chosen = [0, 1, 29, 30, 31, 499, 500, 1003, 1267, 1498, 1499]

    const { numbers, index } = await numbersOf(path, chosen)

    expect(index.keyframes.length).toBe(50)
    expect(numbers).toEqual(chosen)
  })

  it('has the last frame at once, without decoding to the end of the film', async () => {
    const path = join(folder.path, 'looped.mp4')
    makeNumberedVideo(path, { frames: 30 })
    // A film without an end: what waits for the end waits for ever.
    const program = join(folder.path, 'endless-ffmpeg')
    writeFileSync(program, `#!/bin/sh\nexec ${tools.ffmpeg.path} -stream_loop -1 "$@"\n`, { mode: 0o755 })
    const endless = { ...tools, ffmpeg: { ...tools.ffmpeg, path: program } }

    const { numbers } = await numbersOf(path, [0, 20], endless)

    expect(numbers).toEqual([0, 20])
  })

  it('gives a thousand irregularly chosen frames of a long video', async () => {
    const path = join(folder.path, 'many.mkv')
    makeNumberedVideo(path, { frames: 3000, width: 160, height: 90 })
    const chosen = upTo(1000).map((i) => Math.floor((i * 2999) / 999))

    const { numbers, info } = await numbersOf(path, chosen)

    expect(info.container).toBe('matroska,webm')
    expect(numbers).toEqual(chosen)
  })

  it.each([
    ['mpegts.ts', ['-c:v', 'libx264', '-bf', '2', '-g', '20', '-pix_fmt', 'yuv420p', '-f', 'mpegts']],
    ['mpeg2.mpg', ['-c:v', 'mpeg2video', '-bf', '2', '-g', '12', '-q:v', '2']],
    ['xvid.avi', ['-c:v', 'mpeg4', '-bf', '2', '-q:v', '2']],
    ['h264.avi', ['-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p']],
    [
      'vp8.webm',
      ['-c:v', 'libvpx', '-auto-alt-ref', '1', '-lag-in-frames', '16', '-b:v', '2M', '-deadline', 'realtime'],
    ],
    ['vp9.webm', ['-c:v', 'libvpx-vp9', '-b:v', '2M', '-deadline', 'realtime', '-cpu-used', '8']],
    ['hevc.mp4', ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p']],
    ['raw.h264', ['-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p', '-f', 'h264']],
    ['lossless.mov', ['-c:v', 'qtrle']],
    ['flv.flv', ['-c:v', 'flv', '-q:v', '2']],
    [
      'fragmented.mp4',
      [
        '-c:v',
        'libx264',
        '-bf',
        '2',
        '-g',
        '20',
        '-pix_fmt',
        'yuv420p',
        '-movflags',
        'frag_keyframe+empty_moov',
      ],
    ],
  ])('finds frames by their number in %s', async (name, output) => {
    const path = join(folder.path, name)
    makeNumberedVideo(path, { frames: 100, output })
    const chosen = [0, 1, 7, 33, 34, 59, 60, 98, 99]

    const { numbers, index } = await numbersOf(path, chosen)

    expect(index.seconds.length).toBe(100)
    expect(numbers).toEqual(chosen)
  })

  it('keeps the real times of a video of variable frame rate', async () => {
    const path = join(folder.path, 'variable.mp4')
    // 4 frames at 12.5 per second, then a pause: 0, 0.08, 0.16, 0.24, 0.64, 0.72, …
    const times = [
      '-vf',
      "setpts='(N+floor(N/4)*4)/(12.5*TB)'",
      '-vsync',
      'passthrough',
      '-video_track_timescale',
      '1000',
    ]
    makeNumberedVideo(path, { frames: 40, output: [...times, '-c:v', 'libx264', '-pix_fmt', 'yuv420p'] })

    const { numbers, seconds } = await numbersOf(path, [0, 3, 4, 17, 39])

    expect(numbers).toEqual([0, 3, 4, 17, 39])
    expect(seconds).toEqual([0, 0.24, 0.64, 2.64, 6])
  })

  it('counts times from the start of the container, not from zero', async () => {
    const path = join(folder.path, 'offset.ts')
    makeNumberedVideo(path, {
      frames: 50,
      output: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-output_ts_offset', '1000'],
    })

    const { info, seconds, numbers } = await numbersOf(path, [0, 25])

    expect(info.startSeconds).toBeGreaterThan(1000)
    expect(seconds).toEqual([0, 1])
    expect(numbers).toEqual([0, 25])
  })

  it('turns frames as the file says', async () => {
    const path = join(folder.path, 'turned.mp4')
    makeNumberedVideo(path, { frames: 3, width: 320, height: 100 })
    rotateMp4(path)

    const info = await probeVideo(path)
    const index = await readFrameIndex(path, info, { tools })
    const numbers: number[] = []
    for await (const { rgb } of readRawFrames({ path, info, index, frames: [0, 1, 2], tools })) {
      // Clockwise by a quarter: the left of the stored row is at the top of the shown column.
      const row = new Uint8Array(320 * 3)
      for (let i = 0; i < 320; i++) row.fill(rgb[(i * 100 + 50) * 3] ?? 0, i * 3, i * 3 + 3)
      numbers.push(readNumber(row, 320, 1))
    }

    expect(info).toMatchObject({ width: 100, height: 320, rotation: 90 })
    expect(numbers).toEqual([0, 1, 2])
  })

  it('reads sizes that are odd', async () => {
    const path = join(folder.path, 'odd.mkv')
    makeNumberedVideo(path, { frames: 5, width: 321, height: 99, output: ['-c:v', 'ffv1'] })

    const { info, numbers } = await numbersOf(path, null)

    expect(info).toMatchObject({ width: 321, height: 99 })
    expect(numbers).toEqual([0, 1, 2, 3, 4])
  })

  it('goes on counting where the size of the pictures changes', async () => {
    const small = join(folder.path, 'small.ts')
    const large = join(folder.path, 'large.ts')
    const output = ['-c:v', 'libx264', '-bf', '0', '-g', '10', '-pix_fmt', 'yuv420p']
    makeNumberedVideo(small, { frames: 50, width: 320, height: 180, output })
    makeNumberedVideo(large, {
      frames: 50,
      width: 640,
      height: 360,
      output: [...output, '-output_ts_offset', '2'],
      firstNumber: 50,
    })
    const path = join(folder.path, 'change.ts')
    writeFileSync(path, Buffer.concat([readFileSync(small), readFileSync(large)]))

    const { numbers } = await numbersOf(path, [0, 49, 50, 51, 99])

    expect(numbers).toEqual([0, 49, 50, 51, 99])
  })

  it('finds frames by counting where time jumps back', async () => {
    const one = join(folder.path, 'one.ts')
    const two = join(folder.path, 'two.ts')
    makeNumberedVideo(one, { frames: 30 })
    makeNumberedVideo(two, { frames: 30, firstNumber: 30 })
    const path = join(folder.path, 'joined.ts')
    writeFileSync(path, Buffer.concat([readFileSync(one), readFileSync(two)]))

    const { numbers, index } = await numbersOf(path, [0, 29, 30, 31, 59])

    expect(index.timed).toBe(false)
    expect(numbers).toEqual([0, 29, 30, 31, 59])
  })

  it('reads an animated GIF and an animated PNG with their delays', async () => {
    for (const name of ['moving.gif', 'moving.png']) {
      const path = join(folder.path, name)
      makeNumberedVideo(path, {
        frames: 12,
        rate: 5,
        output: name.endsWith('gif') ? [] : ['-f', 'apng', '-plays', '0'],
      })

      const { info, numbers, seconds } = await numbersOf(path, null)

      expect(info).toMatchObject({ animated: true, width: 320, height: 180 })
      expect(numbers).toEqual(upTo(12))
      expect(seconds.slice(0, 3)).toEqual([0, 0.2, 0.4])
    }
  })

  it('works without ffprobe, and with the old ffmpeg of the npm package', async () => {
    const path = join(folder.path, 'plain-2.mp4')
    makeNumberedVideo(path, {
      frames: 60,
      rate: 30,
      output: ['-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p', '-r', '30000/1001'],
    })
    const old = await findFfmpeg({ env: {} })
    expect(old.rule).toBe('npm')

    for (const use of [{ ...tools, ffprobe: null }, old]) {
      const { info, numbers, index } = await numbersOf(path, [0, 17, 58, 59], use)
      expect(info.frameRate).toBeCloseTo(29.97, 3)
      expect(index.seconds.length).toBe(60)
      expect(numbers).toEqual([0, 17, 58, 59])
    }
  })
})

describe('damaged videos', () => {
  it('gives the frames there are and then says that the rest is missing', async () => {
    const whole = join(folder.path, 'whole.mp4')
    makeNumberedVideo(whole, {
      frames: 200,
      output: [
        '-c:v',
        'libx264',
        '-crf',
        '10',
        '-bf',
        '2',
        '-g',
        '20',
        '-pix_fmt',
        'yuv420p',
        '-movflags',
        '+faststart',
      ],
    })
    const bytes = readFileSync(whole)
    const path = join(folder.path, 'cut.mp4')
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length / 2)))

    const { info, index, numbers } = await numbersOf(path, [0, 10, 20])
    expect(info.frameCount).toBe(200)
    expect(index.complete).toBe(false)
    expect(index.seconds.length).toBeGreaterThan(50)
    expect(index.seconds.length).toBeLessThan(150)
    expect(numbers).toEqual([0, 10, 20])

    const info2 = await probeVideo(path)
    const wholeIndex = await readFrameIndex(whole, await probeVideo(whole), { tools })
    const read: number[] = []
    const all = readRawFrames({ path, info: info2, index: wholeIndex, frames: [0, 30, 199], tools })
    await expect(
      (async () => {
        for await (const { rgb } of all) read.push(readNumber(rgb, 320, 180))
      })(),
    ).rejects.toMatchObject({ code: 'media_damaged', details: { reason: '2 of 3 frames could be decoded' } })
    expect(read).toEqual([0, 30])
  })

  it('takes the next good frame where one is broken', async () => {
    const path = join(folder.path, 'broken.mov')
    makeNumberedVideo(path, { frames: 60, output: ['-c:v', 'png'] })
    const bytes = readFileSync(path)
    // Spoils the signature of the 31st picture: frame 30 cannot be decoded.
    let at = -1
    for (let i = 0; i <= 30; i++) at = bytes.indexOf('\x89PNG', at + 1, 'latin1')
    bytes.fill(0, at, at + 8)
    writeFileSync(path, bytes)

    const { numbers } = await numbersOf(path, [29, 30, 31, 32])

    expect(numbers).toEqual([29, 31, 31, 32])
  })

  it('says that a video without any picture is damaged', async () => {
    const path = join(folder.path, 'empty.mkv')
    makeNumberedVideo(path, { frames: 3, output: ['-c:v', 'png'] })
    const bytes = readFileSync(path)
    for (let at = bytes.indexOf('\x89PNG', 0, 'latin1'); at >= 0; at = bytes.indexOf('\x89PNG', at, 'latin1'))
      bytes.fill(0, at, at + 8)
    writeFileSync(path, bytes)

    await expect(
      (async () => {
        const info = await probeVideo(path)
        await readFrameIndex(path, info, { tools })
      })(),
    ).rejects.toMatchObject({ code: 'media_damaged' })
  })

  it('leaves nothing running when the reader stops early or the signal is aborted', async () => {
    const path = join(folder.path, 'stopped.mp4')
    ffmpeg([
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=320x180:rate=25:duration=20',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      `file:${path}`,
    ])
    const info = await probeVideo(path)
    const index = await readFrameIndex(path, info, { tools })
    const stop = new AbortController()

    for await (const frame of readRawFrames({ path, info, index, frames: upTo(500), tools })) {
      if (frame.index === 2) break
    }
    const aborted = readRawFrames({ path, info, index, frames: upTo(500), tools, signal: stop.signal })
    await aborted.next()
    stop.abort()
    await expect(
      (async () => {
        for await (const frame of aborted) expect(frame.rgb.length).toBe(320 * 180 * 3)
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' })

    const { stdout } = (await import('node:child_process')).spawnSync('ps', ['-eo', 'args'])
    expect(stdout.toString()).not.toContain(path)
  })
})

describe('animated WebP', () => {
  it('is probed as a video with its delays', async () => {
    const path = join(folder.path, 'moving.webp')
    const frames = await Promise.all(
      [0, 80, 160].map((grey) =>
        sharp({ create: { width: 40, height: 20, channels: 3, background: { r: grey, g: 0, b: 0 } } })
          .png()
          .toBuffer(),
      ),
    )
    await sharp(frames, { join: { animated: true } })
      .webp({ lossless: true, delay: [100, 300, 100] })
      .toFile(path)

    const info = await probeVideo(path)
    const index = await readFrameIndex(path, info, { tools })

    expect(info).toMatchObject({ frameCount: 3, durationSeconds: 0.5, animated: true, frameRate: 6 })
    expect(index.seconds).toEqual([0, 0.1, 0.4])
  })
})
