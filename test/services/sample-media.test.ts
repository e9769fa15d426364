import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sampleFrames } from '../../app/domain/media/frame-sampling'
import type { ArtPack } from '../../app/domain/world/draw/art'
import { drawFrame } from '../../app/domain/world/draw/draw-frame'
import { drawScene } from '../../app/domain/world/draw/draw-scene'
import { bundledModelFolder } from '../../app/host/program-root'
import { findSample } from '../../app/services/library/sample'
import { findFfmpeg } from '../../app/services/media/find-ffmpeg'
import { createMediaReader, type MediaReader } from '../../app/services/media/media-reader'
import { createPixelPool } from '../../app/services/media/pixel-pool'
import { loadArtPack } from '../../app/services/world/art-pack'
import { sampleFolder as folder } from '../helpers/bundled-sample'
import { framesOfFilm } from '../../training/data/samples/film'
import { fourSeasons } from '../../training/data/samples/four-seasons'
import { greatRace } from '../../training/data/samples/great-race'
import { lostOnTheBeach } from '../../training/data/samples/lost-on-the-beach'

// The media that were drawn once and committed show what their scenes say, as the program reads them.
/** Levels of 255 by which a picture may differ on average: codecs round, and enlarged drawings have steeper edges. */
const MOST_DIFFERENCE = 5

const SIDE = 160
const processing = {
  side: SIDE,
  aspect: 'pad' as const,
  mean: [0.5, 0.5, 0.5] as [number, number, number],
  std: [0.25, 0.25, 0.25] as [number, number, number],
}

let art: ArtPack
let reader: MediaReader

beforeAll(async () => {
  art = await loadArtPack(join(bundledModelFolder(), 'world'))
  const tools = findFfmpeg({ env: process.env })
  reader = createMediaReader({ tools: () => tools, pool: createPixelPool() })
})

afterAll(async () => {
  await reader.close()
})

function difference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((sum, level, at) => sum + Math.abs(level - (b[at] ?? 0)), 0) / a.length
}

it('shows the model the film’s scenes second by second', async () => {
  const { media: path } = await findSample(folder, 'film')
  const info = await reader.probe(path)
  if (info.kind !== 'video') throw new Error('expected a video')
  expect(info).toMatchObject({ width: 640, height: 480, durationSeconds: 60, frameRate: 25 })
  const times = await reader.frameTimes(path)
  const chosen = sampleFrames({ times, frameRate: info.frameRate, intervalSeconds: 1, maxFrames: 1024 })
  const refs = chosen.map((choice) => ({ kind: 'frame' as const, media: 0, ...choice }))

  const frames = framesOfFilm(greatRace)
  expect(chosen.map(({ seconds }) => seconds)).toEqual(frames.map(({ seconds }) => seconds))
  const unlike: string[] = []
  for await (const { ref, pixels } of reader.readPictures(refs, [{ path, info }], processing)) {
    const seconds = ref.kind === 'frame' ? ref.seconds : NaN
    const scene = frames[seconds]?.scene
    if (scene === undefined || difference(pixels, drawFrame(scene, art, SIDE).data) > MOST_DIFFERENCE) {
      unlike.push(`${seconds} s`)
    }
  }
  expect(unlike).toEqual([])
})

it('hides in the large picture what its scene says, pixel by pixel', async () => {
  const { media } = await findSample(folder, 'picture')
  const { data, info } = await sharp(media).raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([640, 640])
  const drawn = drawScene(lostOnTheBeach.scene, art, lostOnTheBeach.width)
  expect(difference(data, drawn.data)).toBeLessThan(MOST_DIFFERENCE)
})

it('has the four pictures of the set in their order', async () => {
  const { media } = await findSample(folder, 'set')
  const names = readdirSync(media).sort()
  expect(names).toEqual(['1-spring.webp', '2-summer.webp', '3-autumn.webp', '4-winter.webp'])
  for (const [index, name] of names.entries()) {
    const scene = fourSeasons.pictures[index]?.scene
    if (scene === undefined) throw new Error('expected a scene')
    const small = await sharp(join(media, name)).resize(SIDE, 120).raw().toBuffer()
    expect(difference(small, drawScene(scene, art, SIDE).data)).toBeLessThan(MOST_DIFFERENCE)
  }
})

it('takes less than a megabyte in all', () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
  expect(bytes).toBeLessThan(1_000_000)
})
