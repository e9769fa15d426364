import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import sharp from 'sharp'
import type { ArtPack } from '../../app/domain/world/draw/art'
import type { Scene } from '../../app/domain/world/scene'
import { bundledModelFolder } from '../../app/host/program-root'
import { findFfmpeg } from '../../app/services/media/find-ffmpeg'
import { createMediaReader, type MediaReader } from '../../app/services/media/media-reader'
import { createPixelPool } from '../../app/services/media/pixel-pool'
import { loadArtPack } from '../../app/services/world/art-pack'
import { writePicture, writeScene, writeVideo } from '../../app/services/world/world-files'
import { temporaryFolder } from '../helpers/make-media'

const folder = temporaryFolder()
const at = (name: string) => join(folder.path, name)
let art: ArtPack
let ffmpeg: string
let reader: MediaReader

beforeAll(async () => {
  art = await loadArtPack(join(bundledModelFolder(), 'world'))
  const tools = findFfmpeg({ env: process.env })
  ffmpeg = (await tools).ffmpeg.path
  reader = createMediaReader({ tools: () => tools, pool: createPixelPool() })
})
afterAll(async () => {
  await reader.close()
  folder.remove()
})

type Rgb = readonly [number, number, number]

const red: Rgb = [200, 30, 30]
const blue: Rgb = [30, 30, 200]

/** A bare colour: what a pixel of it should be is known. */
function flat(rgb: Rgb, aspect = 1): Scene {
  return {
    split: 'test',
    aspect,
    background: { kind: 'flat', color: 'red', rgb },
    items: [],
    effects: { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 1 },
  }
}

/** The colour in the middle and in the upper left corner of each frame that the media reader gives. */
async function framesOf(path: string): Promise<{ seconds: number; middle: Rgb; corner: Rgb }[]> {
  const info = await reader.probe(path)
  const times = await reader.frameTimes(path)
  const refs = times.map((seconds, frame) => ({ kind: 'frame' as const, media: 0, frame, seconds }))
  const side = 16
  const processing = {
    side,
    aspect: 'pad' as const,
    mean: [0.5, 0.5, 0.5] as [number, number, number],
    std: [0.25, 0.25, 0.25] as [number, number, number],
  }
  const frames = []
  for await (const { ref, pixels } of reader.readPictures(refs, [{ path, info }], processing)) {
    const colorAt = (pixel: number): Rgb => [
      pixels[pixel * 3] ?? -1,
      pixels[pixel * 3 + 1] ?? -1,
      pixels[pixel * 3 + 2] ?? -1,
    ]
    const seconds = ref.kind === 'frame' ? ref.seconds : NaN
    frames.push({ seconds, middle: colorAt((side * side) / 2 + side / 2), corner: colorAt(0) })
  }
  return frames
}

/** Video codecs round colours. */
function isAbout(color: Rgb, expected: Rgb): boolean {
  return color.every((value, channel) => Math.abs(value - (expected[channel] ?? 0)) <= 4)
}

describe('pictures of scenes', () => {
  it.for([
    ['wide.png', 16 / 9, { width: 640, height: 360, format: 'png' }],
    ['high.jpg', 9 / 16, { width: 360, height: 640, format: 'jpeg' }],
  ] as const)(
    '%s has the aspect of its scene and the format of its name',
    async ([name, aspect, expected]) => {
      await writePicture(at(name), flat(red, aspect), art, 640)
      expect(await sharp(at(name)).metadata()).toMatchObject(expected)
      const { dominant } = await sharp(at(name)).stats()
      expect(dominant.r).toBeGreaterThan(dominant.b)
    },
  )

  it('of sheets have exactly their width', async () => {
    await writeScene(at('sheet.png'), flat(blue, 480 / 318), art, 480)
    expect(await sharp(at('sheet.png')).metadata()).toMatchObject({ width: 480, height: 318 })
  })
})

describe('videos of scenes', () => {
  it('show each frame at its time and pad what is not square', async () => {
    const path = at('film.mp4')
    const frames = [
      { seconds: 0, scene: flat(red) },
      { seconds: 1, scene: flat(blue, 2) },
      { seconds: 2, scene: flat(red) },
    ]
    await writeVideo({ path, frames, art, side: 64, ffmpeg })

    const read = await framesOf(path)
    expect(read.map(({ seconds }) => seconds)).toEqual([0, 1, 2])
    expect(
      read.map(({ middle }) => (isAbout(middle, red) ? 'red' : isAbout(middle, blue) ? 'blue' : middle)),
    ).toEqual(['red', 'blue', 'red'])
    expect(isAbout(read[1]?.corner ?? red, [127, 127, 127])).toBe(true)
  })

  it('have one frame a second where scenes are further apart, and more where they are closer', async () => {
    const scenes = [flat(red), flat(blue)]
    const film = async (gap: number) => {
      const frames = scenes.map((scene, index) => ({ seconds: index * gap, scene }))
      await writeVideo({ path: at('gap.mp4'), frames, art, side: 64, ffmpeg })
      return (await framesOf(at('gap.mp4'))).map(({ seconds, middle }) => [seconds, isAbout(middle, red)])
    }
    expect(await film(2)).toEqual([
      [0, true],
      [1, true],
      [2, false],
      [3, false],
    ])
    expect(await film(0.5)).toEqual([
      [0, true],
      [0.5, false],
    ])
  })

  it('that cannot be written say why, and leave nothing when they are stopped', async () => {
    const frames = Array.from({ length: 50 }, (_, seconds) => ({ seconds, scene: flat(red) }))
    const nowhere = writeVideo({ path: at('no/such/film.mp4'), frames, art, side: 64, ffmpeg })
    await expect(nowhere).rejects.toMatchObject({
      code: 'engine_failed',
      message: expect.stringContaining('No such file') as string,
    })

    const missing = writeVideo({ path: at('x.mp4'), frames, art, side: 64, ffmpeg: at('no-ffmpeg') })
    await expect(missing).rejects.toMatchObject({ code: 'engine_failed' })

    const signal = AbortSignal.abort()
    await expect(writeVideo({ path: at('y.mp4'), frames, art, side: 64, ffmpeg, signal })).rejects.toThrow(
      /abort/,
    )
    expect(readdirSync(folder.path)).not.toContain('y.mp4')
  })
})
