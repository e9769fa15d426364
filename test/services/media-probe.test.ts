import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFfmpeg, type FfmpegTools } from '../../app/services/media/find-ffmpeg'
import { decodeFileName } from '../../app/services/media/file-path'
import { readFrameIndex } from '../../app/services/media/frame-index'
import { openPixels } from '../../app/services/media/pixel-source'
import { probeMedia } from '../../app/services/media/probe-media'
import { readRawFrames } from '../../app/services/media/read-frames'
import { ffmpeg, makeNumberedVideo, readNumber, temporaryFolder } from '../helpers/make-media'

const folder = temporaryFolder()
const sharedMedia = join(import.meta.dirname, '../../../shared/media')
const at = (name: string) => join(folder.path, name)
let tools: FfmpegTools

beforeAll(async () => {
  tools = await findFfmpeg({ env: process.env })
  makeNumberedVideo(at('video.mp4'), { frames: 10 })
})
afterAll(folder.remove)

const probe = (path: string, use = tools) => probeMedia(path, { tools: () => Promise.resolve(use) })

function write(name: string, bytes: string | Uint8Array): string {
  writeFileSync(at(name), bytes)
  return at(name)
}

const plain = (width = 40, height = 20) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 100, b: 50 } } })

describe('what cannot be read', () => {
  it.each([
    ['a missing file', () => at('nothing.mp4'), 'media_not_found', undefined],
    ['a file below a file', () => join(at('video.mp4'), 'x'), 'media_not_found', undefined],
    ['a name with a zero byte', () => at('a\0b'), 'media_not_found', undefined],
    ['an empty file named .mp4', () => write('empty.mp4', ''), 'media_empty', undefined],
    [
      'a text file named .png',
      () => write('text.png', 'Hello, world.\n'),
      'media_unsupported',
      'it holds text',
    ],
    [
      'a playlist named .mp4',
      () => write('list.mp4', '#EXTM3U\n#EXTINF:1,\nvideo.mp4\n'),
      'media_unsupported',
      'it holds text',
    ],
    ['a folder', () => folder.path, 'media_unsupported', 'it is a folder'],
    ['a device', () => '/dev/zero', 'media_unsupported', 'it is a device'],
    [
      'random bytes',
      () => write('noise.mp4', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31) % 251))),
      'media_unsupported',
      'its content is of no known kind',
    ],
    [
      'half of a video whose index is at the end',
      () => write('half.mp4', readFileSync(at('video.mp4')).subarray(0, 1000)),
      'media_damaged',
      'its index is missing, as if copying or recording it had stopped early',
    ],
    [
      'eight bytes of a PNG',
      () => write('stump.png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
      'media_damaged',
      undefined,
    ],
    [
      'ten bytes of a JPEG',
      () => write('stump.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70])),
      'media_damaged',
      undefined,
    ],
  ])('says what is wrong with %s', async (_, make, code, reason) => {
    const failure = probe(make())

    await expect(failure).rejects.toMatchObject({
      code,
      ...(reason === undefined ? {} : { details: { reason } }),
    })
  })

  it('does not wait for a named pipe', async () => {
    execFileSync('mkfifo', [at('pipe.mp4')])

    await expect(probe(at('pipe.mp4'))).rejects.toMatchObject({
      code: 'media_unsupported',
      details: { reason: 'it is a named pipe' },
    })
  })

  it('says that links lead in a circle', async () => {
    symlinkSync('circle.mp4', at('circle.mp4'))

    await expect(probe(at('circle.mp4'))).rejects.toMatchObject({
      code: 'media_unreadable',
      details: { reason: 'its links lead in a circle' },
    })
  })

  it.skipIf(process.getuid?.() === 0)(
    'says that permission was denied (skipped for root, who may read all)',
    async () => {
      copyFileSync(at('video.mp4'), at('secret.mp4'))
      chmodSync(at('secret.mp4'), 0)

      await expect(probe(at('secret.mp4'))).rejects.toMatchObject({ code: 'media_unreadable' })
    },
  )

  it('says that a sound file has no picture, with or without ffprobe', async () => {
    ffmpeg(['-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'pcm_s16le', at('sound.wav')])

    for (const use of [tools, { ...tools, ffprobe: null }]) {
      await expect(probe(at('sound.wav'), use)).rejects.toMatchObject({
        code: 'media_unsupported',
        details: { reason: 'it has sound but no picture' },
      })
    }
  })

  it('refuses a picture that claims to be absurdly large', async () => {
    const png = await plain().png().toBuffer()
    png.writeUInt32BE(1_000_000, 16)
    png.writeUInt32BE(1_000_000, 20)
    // The header's checksum, so that the size is what is wrong with it.
    const { crc32 } = await import('node:zlib')
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)

    await expect(probe(write('huge.png', png))).rejects.toMatchObject({ code: 'media_unsupported' })
  })

  it('stops when it was cancelled', async () => {
    const failure = probeMedia(at('video.mp4'), {
      tools: () => Promise.resolve(tools),
      signal: AbortSignal.abort(),
    })

    await expect(failure).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('needs no ffmpeg for a photograph, and says so for a video', async () => {
    await plain().jpeg().toFile(at('photo.jpg'))
    const without = () => findFfmpeg({ env: {}, npmFfmpeg: () => null })

    expect(await probeMedia(at('photo.jpg'), { tools: without })).toMatchObject({
      kind: 'image',
      format: 'jpeg',
    })
    await expect(probeMedia(at('video.mp4'), { tools: without })).rejects.toMatchObject({
      code: 'ffmpeg_missing',
    })
  })
})

describe('what a file is', () => {
  it('is told by its content, whatever its name', async () => {
    copyFileSync(at('video.mp4'), at('video.png'))
    await plain().png().toFile(at('picture.png'))
    renameSync(at('picture.png'), at('picture.mp4'))

    expect(await probe(at('video.png'))).toMatchObject({
      kind: 'video',
      width: 320,
      height: 180,
      codec: 'h264',
    })
    expect(await probe(at('picture.mp4'))).toMatchObject({
      kind: 'image',
      width: 40,
      height: 20,
      format: 'png',
    })
  })

  it('says the same without ffprobe', async () => {
    const withProbe = await probe(at('video.mp4'))
    const without = await probe(at('video.mp4'), { ...tools, ffprobe: null })

    expect(without).toEqual({ ...withProbe, frameCount: null })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'turns a photograph with EXIF orientation %i upright',
    async (orientation) => {
      // Red on the left, green on the right of what is stored.
      const left = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#ff0000' } })
        .png()
        .toBuffer()
      await sharp({ create: { width: 40, height: 20, channels: 3, background: '#00ff00' } })
        .composite([{ input: left, left: 0, top: 0 }])
        .withMetadata({ orientation })
        .png()
        .toFile(at(`turned-${orientation}.png`))

      const info = await probe(at(`turned-${orientation}.png`))
      const pixels = await openPixels(at(`turned-${orientation}.png`), 0)
      // The same from a temporary file, as for pictures that are too large for memory.
      const file = await openPixels(at(`turned-${orientation}.png`), 0, { memoryPixels: 1 })
      expect([file.width, file.height]).toEqual([pixels.width, pixels.height])
      for (const [left, top, width, height] of [
        [0, 0, pixels.width, pixels.height],
        [3, 5, 12, 9],
      ] as const) {
        expect(await file.readRegion(left, top, width, height)).toEqual(
          new Uint8Array(await pixels.readRegion(left, top, width, height)),
        )
      }
      await file.close()
      const corners = [
        await pixels.readRegion(0, 0, 1, 1),
        await pixels.readRegion(pixels.width - 1, 0, 1, 1),
        await pixels.readRegion(0, pixels.height - 1, 1, 1),
      ].map((pixel) => (pixel[0] === 255 ? 'red' : 'green'))

      expect(info).toMatchObject(orientation < 5 ? { width: 40, height: 20 } : { width: 20, height: 40 })
      expect([pixels.width, pixels.height]).toEqual(orientation < 5 ? [40, 20] : [20, 40])
      // Top left, top right, bottom left, by the definition of each orientation.
      const expected = {
        1: ['red', 'green', 'red'],
        2: ['green', 'red', 'green'],
        3: ['green', 'red', 'green'],
        4: ['red', 'green', 'red'],
        5: ['red', 'red', 'green'],
        6: ['red', 'red', 'green'],
        7: ['green', 'green', 'red'],
        8: ['green', 'green', 'red'],
      }[orientation]
      expect(corners).toEqual(expected)
    },
  )

  it.each([
    ['rgb.png', () => plain().png(), [200, 100, 50]],
    ['grey.png', () => plain().toColourspace('b-w').png(), null],
    ['16 bit.png', () => plain().toColourspace('rgb16').png(), [200, 100, 50]],
    ['palette.png', () => plain().png({ palette: true }), [200, 100, 50]],
    [
      'one bit.tif',
      () => plain().threshold(120).toColourspace('b-w').tiff({ bitdepth: 1, compression: 'none' }),
      null,
    ],
    ['lossless.webp', () => plain().webp({ lossless: true }), [200, 100, 50]],
    ['still.gif', () => plain().gif(), [200, 100, 50]],
  ])('gives the pixels of %s as RGB', async (name, make, colour) => {
    await make().toFile(at(name))

    const info = await probe(at(name))
    const pixels = await openPixels(at(name), 0)
    const [red = -1, green = -2, blue = -3] = await pixels.readRegion(39, 19, 1, 1)

    expect(info).toMatchObject({ kind: 'image', width: 40, height: 20, pages: 1 })
    if (colour === null) expect([red, green]).toEqual([green, blue])
    else expect([red, green, blue]).toEqual(colour)
  })

  it('drops transparency without blending, as the official code does', async () => {
    const rgba = { width: 4, height: 4, channels: 4 as const, background: { r: 10, g: 20, b: 30, alpha: 0 } }
    await sharp({ create: rgba }).png().toFile(at('clear.png'))

    const pixels = await openPixels(at('clear.png'), 0)

    expect(Array.from(await pixels.readRegion(0, 0, 1, 1))).toEqual([10, 20, 30])
  })

  it('reads CMYK near its colours', async () => {
    await plain().toColourspace('cmyk').jpeg({ quality: 100 }).toFile(at('cmyk.jpg'))

    const pixels = await openPixels(at('cmyk.jpg'), 0)
    const pixel = await pixels.readRegion(5, 5, 1, 1)

    for (const [i, value] of [200, 100, 50].entries())
      expect(Math.abs((pixel[i] ?? 0) - value)).toBeLessThan(40)
  })

  it('takes pixels with an sRGB profile as stored and converts those of Display P3', async () => {
    await plain().withIccProfile('srgb').png().toFile(at('srgb.png'))
    await plain().withIccProfile('p3').png().toFile(at('p3.png'))

    const [srgb, p3] = await Promise.all([openPixels(at('srgb.png'), 0), openPixels(at('p3.png'), 0)])

    expect(Array.from(await srgb.readRegion(0, 0, 1, 1))).toEqual([200, 100, 50])
    // sharp converted to P3 on writing; back again the colour is the same to a rounding.
    const back = await p3.readRegion(0, 0, 1, 1)
    for (const [i, value] of [200, 100, 50].entries()) {
      expect(Math.abs((back[i] ?? 0) - value)).toBeLessThanOrEqual(2)
    }
  })

  it('counts the pages of a TIFF and gives each', async () => {
    const pages = await Promise.all(
      ['#ff0000', '#00ff00', '#0000ff'].map((background) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    await sharp(pages, { join: { animated: true } })
      .tiff({ compression: 'lzw' })
      .toFile(at('pages.tif'))

    expect(await probe(at('pages.tif'))).toMatchObject({ kind: 'image', width: 8, height: 8, pages: 3 })
    const pixels = await openPixels(at('pages.tif'), 1)
    expect(pixels.height).toBe(8)
    expect(Array.from(await pixels.readRegion(0, 0, 1, 1))).toEqual([0, 255, 0])
  })

  it('says that a cut-off photograph is damaged, not that it is grey at the bottom', async () => {
    const noise = await sharp({
      create: {
        width: 400,
        height: 400,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    })
      .jpeg()
      .toBuffer()
    for (const format of ['jpg', 'png'] as const) {
      const whole = format === 'jpg' ? noise : await sharp(noise).png().toBuffer()
      const path = write(`cut.${format}`, whole.subarray(0, Math.floor(whole.length / 2)))
      expect((await probe(path)).width).toBe(400)
      await expect(openPixels(path, 0)).rejects.toMatchObject({ code: 'media_damaged' })
    }
  })

  it('reads a BMP, which only ffmpeg knows', async () => {
    const rgb = Buffer.alloc(8 * 6 * 3, Buffer.from([10, 200, 30]))
    ffmpeg(
      ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '8x6', '-i', 'pipe:0', '-frames:v', '1', at('old.bmp')],
      rgb,
    )

    expect(await probe(at('old.bmp'))).toMatchObject({
      kind: 'image',
      width: 8,
      height: 6,
      format: 'bmp',
      reader: 'ffmpeg',
    })
  })
})

describe('names that are hard to pass on', () => {
  const names = [
    '-dash.mp4',
    'two words.mp4',
    'quote\'s "here".mp4',
    'emoji 🎬 Möwe.mp4',
    'percent %03d %d.mp4',
    'line\nbreak.mp4',
    'back\\slash.mp4',
    'colon:a,b;c=d|e.mp4',
    'bracket[0]',
    '$(touch pwned) `x` *.mp4',
    ' lead and trail ',
  ]

  it.each([...names, decodeFileName(Buffer.from([0x6d, 0xf6, 0x77, 0xff, 0x2e, 0x6d, 0x70, 0x34]))])(
    'reads the video %j',
    async (name) => {
      const bytes = Buffer.from(name.split('').map((c) => c.charCodeAt(0) & 0xff))
      const raw = /[\udc80-\udcff]/.test(name) && !name.isWellFormed()
      const target = raw ? Buffer.concat([Buffer.from(`${folder.path}/`), bytes]) : at(name)
      copyFileSync(at('video.mp4'), target)
      const path = raw ? `${folder.path}/${name}` : at(name)

      const info = await probe(path)
      if (info.kind !== 'video') throw new Error('expected a video')
      const index = await readFrameIndex(path, info, { tools })
      const numbers: number[] = []
      for await (const { rgb } of readRawFrames({ path, info, index, frames: [3, 9], tools })) {
        numbers.push(readNumber(rgb, info.width, info.height))
      }

      expect(numbers).toEqual([3, 9])
    },
  )

  it.each([...names, decodeFileName(Buffer.from([0xf6, 0x2e, 0x70, 0x6e, 0x67]))])(
    'reads the picture %j',
    async (name) => {
      await plain().png().toFile(at('plain.png'))
      mkdirSync(at('pictures'), { recursive: true })
      const raw = !name.isWellFormed()
      const parent = at('pictures')
      const bytes = Buffer.from(Array.from(name, (c) => c.charCodeAt(0) & 0xff))
      copyFileSync(
        at('plain.png'),
        raw ? Buffer.concat([Buffer.from(`${parent}/`), bytes]) : join(parent, name),
      )

      const pixels = await openPixels(`${parent}/${name}`, 0)

      expect(Array.from(await pixels.readRegion(0, 0, 1, 1))).toEqual([200, 100, 50])
    },
  )
})

describe.skipIf(!existsSync(sharedMedia))('real files (skipped without ../shared/media)', () => {
  it.each([
    [
      'cockatoo.mp4',
      { kind: 'video', width: 1280, height: 720, frameRate: 20, frameCount: 280, durationSeconds: 14 },
    ],
    ['realshort.mp4', { kind: 'video', width: 320, height: 240, frameCount: 36, hasAudio: true }],
    ['newtonscradle.gif', { kind: 'video', animated: true, width: 200, height: 150, frameCount: 36 }],
    ['Landscape_1.jpg', { kind: 'image', width: 1800, height: 1200 }],
    ['Landscape_6.jpg', { kind: 'image', width: 1800, height: 1200 }],
    ['Landscape_8.jpg', { kind: 'image', width: 1800, height: 1200 }],
    ['multipage.tif', { kind: 'image', width: 10, height: 15, pages: 2 }],
    ['meadow_cube.jpg', { kind: 'image', width: 2048, height: 12288 }],
  ])('%s', async (name, expected) => {
    expect(await probe(join(sharedMedia, name))).toMatchObject(expected)
  })
})
