import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageProcessing } from '../../app/domain/model-description'
import { toModelInput } from '../../app/domain/pixels/model-input'
import type { PictureRef } from '../../app/domain/request'
import { findFfmpeg } from '../../app/services/media/find-ffmpeg'
import { listFolder } from '../../app/services/media/list-folder'
import { createMediaReader, type MediaReader } from '../../app/services/media/media-reader'
import { createPixelPool, type PixelPool } from '../../app/services/media/pixel-pool'
import { openPixels } from '../../app/services/media/pixel-source'
import { readTile, wholeInput } from '../../app/services/media/read-image'
import { ffmpeg, makeNumberedVideo, readNumber, temporaryFolder } from '../helpers/make-media'

const folder = temporaryFolder()
const sharedMedia = join(import.meta.dirname, '../../../shared/media')
const at = (name: string) => join(folder.path, name)
const clip: ImageProcessing = {
  side: 336,
  aspect: 'pad',
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
}
let pool: PixelPool
let reader: MediaReader

beforeAll(async () => {
  const worker = at('pixel-worker.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, '../../app/services/media/pixel-worker.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: worker,
    logLevel: 'error',
  })
  pool = createPixelPool(pathToFileURL(worker))
  const tools = findFfmpeg({ env: process.env })
  reader = createMediaReader({ tools: () => tools, pool })
  makeNumberedVideo(at('one.mp4'), { frames: 60 })
  makeNumberedVideo(at('two.mkv'), { frames: 30, firstNumber: 1000 })
})
afterAll(async () => {
  await reader.close()
  folder.remove()
})

const frame = (media: number, number: number): PictureRef => ({
  kind: 'frame',
  media,
  frame: number,
  seconds: 0,
})
const image = (media: number, page = 0): PictureRef => ({ kind: 'image', media, page })

async function open(...names: string[]) {
  return await Promise.all(
    names.map(async (name) => ({ path: at(name), info: await reader.probe(at(name)) })),
  )
}

async function read(refs: PictureRef[], sources: Awaited<ReturnType<typeof open>>, signal?: AbortSignal) {
  const pictures: { ref: PictureRef; pixels: Uint8Array }[] = []
  for await (const picture of reader.readPictures(refs, sources, clip, signal)) pictures.push(picture)
  return pictures
}

/** The number of a frame of 16:9, read off the middle row of the padded input. */
const numberOf = ({ pixels }: { pixels: Uint8Array }) => readNumber(pixels, 336, 336)
/** One of the pictures; a missing one fails the test. */
function picture(pictures: readonly { pixels: Uint8Array }[], index: number): { pixels: Uint8Array } {
  const found = pictures[index]
  if (found === undefined) throw new Error(`expected more than ${pictures.length} pictures`)
  return found
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

function noisePicture(name: string, width: number, height: number) {
  const create = { width, height, channels: 3 as const, background: '#000' }
  return sharp({ create: { ...create, noise: { type: 'gaussian' as const, mean: 128, sigma: 60 } } })
    .png()
    .toFile(at(name))
}

describe('readPictures', () => {
  it('gives pictures of several videos and photographs in the order that was asked for', async () => {
    await sharp({ create: { width: 30, height: 50, channels: 3, background: '#102030' } })
      .png()
      .toFile(at('a.png'))
    const sources = await open('one.mp4', 'a.png', 'two.mkv')
    const refs = [frame(0, 3), frame(0, 40), image(1), frame(2, 7), frame(0, 2), frame(0, 2), image(1)]

    const pictures = await read(refs, sources)

    expect(pictures.map(({ ref }) => ref)).toEqual(refs)
    expect(pictures.map(({ pixels }) => pixels.length)).toEqual(refs.map(() => 336 * 336 * 3))
    expect([0, 1, 3, 4, 5].map((i) => numberOf(picture(pictures, i)))).toEqual([3, 40, 1007, 2, 2])
    expect(Array.from(picture(pictures, 2).pixels.subarray(0, 3))).toEqual([122, 116, 104])
    expect(Array.from(picture(pictures, 2).pixels.subarray(168 * 3, 168 * 3 + 3))).toEqual([16, 32, 48])
  })

  it('gives every frame that is asked for across many seeks', async () => {
    // Far apart and small GOPs in large frames: each frame is a run of its own.
    ffmpeg([
      '-i',
      at('one.mp4'),
      '-vf',
      'scale=1280:720:flags=neighbor,loop=4:60',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '10',
      at('large.mp4'),
    ])
    const sources = await open('large.mp4')

    const pictures = await read(
      [0, 59, 130, 215, 299].map((number) => frame(0, number)),
      sources,
    )

    expect(pictures.map(numberOf)).toEqual([0, 59, 10, 35, 59])
  })

  it('makes the same input in the worker as on this thread, bit for bit', async () => {
    await noisePicture('noise.png', 500, 301)
    const { data } = await sharp(at('noise.png')).raw().toBuffer({ resolveWithObject: true })

    const pictures = await read([image(0)], await open('noise.png'))

    expect(sha(picture(pictures, 0).pixels)).toBe(sha(toModelInput(data, 500, 301, clip)))
  })

  it('reads a picture whole and in tiles', async () => {
    await noisePicture('sheet.png', 500, 300)
    const { data } = await sharp(at('sheet.png')).raw().toBuffer({ resolveWithObject: true })
    const tile = (column: number): PictureRef => ({ kind: 'tile', media: 0, page: 0, row: 0, column })

    const pictures = await read([image(0), tile(0), tile(1)], await open('sheet.png'))

    expect(sha(picture(pictures, 0).pixels)).toBe(sha(toModelInput(data, 500, 300, clip)))
    // 86 white columns on the left and 18 white rows above (LONGLLAVA-FORMAT section 13).
    const pixel = (i: number, x: number, y: number) =>
      Array.from(picture(pictures, i).pixels.subarray((y * 336 + x) * 3, (y * 336 + x) * 3 + 3))
    const source = (x: number, y: number) =>
      Array.from(data.subarray((y * 500 + x) * 3, (y * 500 + x) * 3 + 3))
    expect(pixel(1, 85, 100)).toEqual([255, 255, 255])
    expect(pixel(1, 100, 17)).toEqual([255, 255, 255])
    expect(pixel(1, 86, 18)).toEqual(source(0, 0))
    expect(pixel(1, 335, 317)).toEqual(source(249, 299))
    expect(pixel(2, 0, 18)).toEqual(source(250, 0))
    expect(pixel(2, 249, 18)).toEqual(source(499, 0))
    expect(pixel(2, 250, 18)).toEqual([255, 255, 255])
  })

  it('reads each page of a TIFF, and frames of an animated WebP', async () => {
    const pages = await Promise.all(
      ['#ff0000', '#00ff00', '#0000ff'].map((background) =>
        sharp({ create: { width: 336, height: 336, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    await sharp(pages, { join: { animated: true } })
      .tiff({ compression: 'lzw' })
      .toFile(at('pages.tif'))
    await sharp(pages, { join: { animated: true } })
      .webp({ lossless: true, delay: [100, 200, 100] })
      .toFile(at('moving.webp'))

    const sources = await open('pages.tif', 'moving.webp')
    const pictures = await read([image(0, 0), image(0, 2), frame(1, 0), frame(1, 1), frame(1, 2)], sources)

    const first = pictures.map(({ pixels }) => Array.from(pixels.subarray(0, 3)))
    expect(first).toEqual([
      [255, 0, 0],
      [0, 0, 255],
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ])
    expect(await reader.frameTimes(at('moving.webp'))).toEqual([0, 0.1, 0.3])
    expect(await reader.pageSize(at('pages.tif'), 1)).toEqual({ width: 336, height: 336 })
  })

  it('reads a BMP through ffmpeg', async () => {
    ffmpeg([
      '-f',
      'lavfi',
      '-i',
      'color=0x0ac81e:size=336x336',
      '-frames:v',
      '1',
      '-pix_fmt',
      'bgr24',
      at('old.bmp'),
    ])

    const pictures = await read([image(0)], await open('old.bmp'))

    expect(Math.abs((picture(pictures, 0).pixels[1] ?? 0) - 200)).toBeLessThan(4)
  })

  it('stops when the signal is aborted', async () => {
    const stop = new AbortController()
    const sources = await open('one.mp4')
    let count = 0

    await expect(
      (async () => {
        const refs = Array.from({ length: 60 }, (_, i) => frame(0, i))
        for await (const picture of reader.readPictures(refs, sources, clip, stop.signal)) {
          expect(picture.pixels.length).toBe(338_688)
          count += 1
          if (count === 5) stop.abort()
        }
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' })
    expect(count).toBeLessThan(60)
  })

  it('says that a file was changed or removed since it was probed', async () => {
    for (const name of ['changing.mp4', 'changing.png']) {
      if (name.endsWith('mp4')) copyFileSync(at('one.mp4'), at(name))
      else await noisePicture(name, 20, 20)
      const refs = name.endsWith('mp4') ? [frame(0, 0)] : [image(0)]
      const sources = await open(name)

      utimesSync(at(name), 1, 1)
      await expect(read(refs, sources)).rejects.toMatchObject({ code: 'media_changed' })
      rmSync(at(name))
      await expect(read(refs, sources)).rejects.toMatchObject({ code: 'media_not_found' })
    }
  })

  it('gives what can be decoded of a broken video before it fails', async () => {
    makeNumberedVideo(at('whole.mp4'), {
      frames: 100,
      output: ['-c:v', 'libx264', '-crf', '5', '-g', '10', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    })
    const whole = readFileSync(at('whole.mp4'))
    writeFileSync(at('cut.mp4'), whole.subarray(0, Math.floor(whole.length * 0.6)))

    await expect(reader.frameTimes(at('cut.mp4'))).rejects.toMatchObject({ code: 'media_damaged' })
    expect((await reader.frameTimes(at('cut.mp4'), undefined, { start: 0, end: 0.5 })).length).toBeLessThan(
      100,
    )

    const seen: number[] = []
    await expect(
      (async () => {
        for await (const picture of reader.readPictures(
          [frame(0, 0), frame(0, 11), frame(0, 99)],
          await open('cut.mp4'),
          clip,
        )) {
          seen.push(numberOf(picture))
        }
      })(),
    ).rejects.toMatchObject({ code: 'media_damaged' })
    expect(seen).toEqual([0, 11])
  })
})

describe('large pictures', () => {
  it('give the same input and tiles from a file as from memory', async () => {
    await noisePicture('large.png', 1001, 703)
    const memory = await openPixels(at('large.png'), 0)
    const file = await openPixels(at('large.png'), 0, { memoryPixels: 1000 })
    try {
      expect(file.takeAll()).toBeNull()
      expect([file.width, file.height]).toEqual([1001, 703])
      expect(sha(await wholeInput(file, clip))).toBe(sha(await wholeInput(memory, clip)))
      for (const [row, column] of [
        [0, 0],
        [2, 2],
        [1, 0],
      ] as const) {
        const [a, b] = [await readTile(file, 336, row, column), await readTile(memory, 336, row, column)]
        expect([a.width, a.height, sha(a.rgb)]).toEqual([b.width, b.height, sha(b.rgb)])
      }
      // 3 columns and 3 rows of 336: 1008 - 1001 and 1008 - 703 are odd, so the last ones are one pixel short.
      expect(await readTile(file, 336, 2, 2)).toMatchObject({ width: 335, height: 335 })
      await expect(readTile(file, 336, 3, 0)).rejects.toThrow(RangeError)
    } finally {
      await file.close()
    }
  })

  it('leave no file behind when they cannot be decoded', async () => {
    await noisePicture('broken.png', 400, 400)
    const bytes = readFileSync(at('broken.png'))
    writeFileSync(at('broken.png'), bytes.subarray(0, bytes.length / 2))

    await expect(openPixels(at('broken.png'), 0, { memoryPixels: 10 })).rejects.toMatchObject({
      code: 'media_damaged',
    })
  })
})

describe('folders', () => {
  it('are listed recursively in natural order, hidden and other files left out, links followed once', async () => {
    const root = at('album')
    mkdirSync(join(root, 'day 2'), { recursive: true })
    mkdirSync(join(root, '.hidden'))
    const files = [
      'img10.jpg',
      'img2.jpg',
      'notes.txt',
      '.secret.png',
      'day 2/clip.MP4',
      'day 2/a.gif',
      '.hidden/x.png',
    ]
    for (const name of files) writeFileSync(join(root, name), 'x')
    symlinkSync(root, join(root, 'day 2', 'up'))
    symlinkSync(join(root, 'img2.jpg'), join(root, 'linked.png'))
    writeFileSync(
      Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x7a, 0xff]), Buffer.from('.png')]),
      'x',
    )
    const progress: number[] = []

    const listing = await listFolder(root, { onProgress: (count) => progress.push(count) })

    expect(listing.files.map(({ name, kind }) => [name, kind])).toEqual([
      ['day 2/a.gif', 'video'],
      ['day 2/clip.MP4', 'video'],
      ['img2.jpg', 'image'],
      ['img10.jpg', 'image'],
      ['linked.png', 'image'],
      ['z\udcff.png', 'image'],
    ])
    expect(listing.unreadable).toEqual([])
    expect(progress.at(-1)).toBe(6)
    expect(await reader.filesOf(root)).toEqual(listing.files.map(({ path }) => path))
  })

  it('holds thousands of files without trouble, and stops when told to', async () => {
    const root = at('many')
    mkdirSync(root)
    execFileSync('sh', ['-c', "seq -f 'frame%g.png' 0 5999 | xargs touch"], { cwd: root })

    const { files } = await listFolder(root)

    expect(files.length).toBe(6000)
    expect(files.slice(9, 12).map(({ name }) => name)).toEqual(['frame9.png', 'frame10.png', 'frame11.png'])
    await expect(listFolder(root, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  it('without anything to look at say so', async () => {
    mkdirSync(at('bare'))
    writeFileSync(join(at('bare'), 'readme.txt'), 'x')

    await expect(reader.filesOf(at('bare'))).rejects.toMatchObject({ code: 'folder_empty' })
    await expect(reader.filesOf(at('nowhere'))).rejects.toMatchObject({ code: 'media_not_found' })
    expect(await reader.filesOf(at('one.mp4'))).toEqual([at('one.mp4')])
    await expect(listFolder(at('one.mp4'))).rejects.toMatchObject({ code: 'media_unsupported' })
  })
})

describe('the worker', () => {
  it('passes failures on and goes on working', async () => {
    await expect(pool.toModelInput(new Uint8Array(5), 2, 2, clip)).rejects.toMatchObject({ code: 'internal' })
    expect((await pool.toModelInput(new Uint8Array(12), 2, 2, clip)).length).toBe(336 * 336 * 3)
  })

  it('rejects what is waiting when it is closed', async () => {
    const other = createPixelPool(pathToFileURL(at('pixel-worker.mjs')))
    const waiting = other.toModelInput(new Uint8Array(1920 * 1080 * 3), 1920, 1080, clip)
    const failure = expect(waiting).rejects.toMatchObject({ code: 'internal' })
    await other.close()
    await failure
  })

  it('is done without where its bundle is missing', async () => {
    const here = createPixelPool(pathToFileURL(at('no-worker.mjs')))

    expect((await here.toModelInput(new Uint8Array(12), 2, 2, clip)).length).toBe(336 * 336 * 3)
    await here.close()
  })
})

/*
 * Recorded from Pillow 9.4.0 (python3-pil): ImageOps.exif_transpose(Image.open(f)).convert('RGB'), pasted on a square of
 * (122, 116, 104), resize((336, 336), Image.BICUBIC); first 16 digits of SHA-256 of the bytes.
 */
describe.skipIf(!existsSync(sharedMedia))('real photographs (skipped without ../shared/media)', () => {
  it.each([
    ['Landscape_1.jpg', '3ba79b7967cb1847'],
    ['Landscape_3.jpg', '6a3f857b6cd33b71'],
    ['Landscape_6.jpg', '82da7694c3a42965'],
    ['Landscape_8.jpg', '768247653e908cc0'],
    ['meadow_cube.jpg', '7d6dbb433826309b'],
    ['clock.png', '69133fc246c30832'],
    ['coffee.png', '5aba13f5cab2f478'],
    ['hubble_deep_field.png', 'b5f97b588a6d1477'],
    ['moon.png', 'e8e0f64c477d5757'],
  ])('%s becomes the bytes that Pillow makes of it', async (name, expected) => {
    const path = join(sharedMedia, name)
    const source = { path, info: await reader.probe(path) }

    for await (const { pixels } of reader.readPictures([image(0)], [source], clip))
      expect(sha(pixels)).toBe(expected)
  })
})
