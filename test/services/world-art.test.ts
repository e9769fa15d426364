import { cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { artCounts, type ArtPack } from '../../app/domain/world/draw/art'
import { drawFrame } from '../../app/domain/world/draw/draw-frame'
import { drawScene } from '../../app/domain/world/draw/draw-scene'
import { canvasWithin } from '../../app/domain/world/draw/frame-geometry'
import type { ImageProcessing } from '../../app/domain/model-description'
import { toModelInput } from '../../app/domain/pixels/model-input'
import { makeScene } from '../../app/domain/world/make-scene'
import { createRandom } from '../../app/domain/world/random'
import { WORLD_OBJECTS, type Scene } from '../../app/domain/world/scene'
import { loadArtPack } from '../../app/services/world/art-pack'

const FOLDER = 'models/longlens-tiny/world'
const PROCESSING: ImageProcessing = {
  side: 160,
  aspect: 'pad',
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
}

const art: ArtPack = await loadArtPack(FOLDER)
let empty: string

beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), 'longlens-art-'))
})
afterAll(async () => {
  await rm(empty, { recursive: true })
})

/** Mean difference of two pictures, levels. */
function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, level, at) => sum + Math.abs(level - (b[at] ?? 0)), 0) / a.length
}

describe('the art pack', () => {
  it('draws every object in the one way of the extent, the same in both splits', () => {
    const { train, test } = artCounts(art)

    expect(WORLD_OBJECTS.filter((name) => train.drawings[name] !== 1)).toEqual([])
    expect(test.drawings).toEqual(train.drawings)
  })

  it('has fonts, photographs and things without a name for both splits', () => {
    const { train, test } = artCounts(art)

    expect([train.fontAdvances.length, train.photos, train.unknown]).toEqual([12, 512, 225])
    expect([test.fontAdvances.length, test.photos, test.unknown]).toEqual([5, 31, 55])
    expect(Math.min(...train.fontAdvances, ...test.fontAdvances)).toBeGreaterThan(0.4)
    expect(Math.max(...train.fontAdvances, ...test.fontAdvances)).toBeLessThan(1.3)
  })

  it('shares no font and no drawing of an unknown thing between the splits', () => {
    const families = (split: 'train' | 'test') =>
      new Set(art[split].glyphs.fonts.map(({ name }) => name.split(/[-_ ]/)[0]))

    expect([...families('test')].filter((family) => families('train').has(family))).toEqual([])
    expect(unknownCells('test').filter((cell) => new Set(unknownCells('train')).has(cell))).toEqual([])
  })

  it('takes at most 6 MB', async () => {
    const sizes = await Promise.all(
      (await readdir(FOLDER)).map(async (file) => (await stat(join(FOLDER, file))).size),
    )

    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(6_000_000)
  })

  it('that is missing or makes no sense is refused with the reason', async () => {
    await expect(loadArtPack(empty)).rejects.toMatchObject({ code: 'media_unreadable' })
    await writeFile(join(empty, 'art.json'), '{"version":2}')
    await expect(loadArtPack(empty)).rejects.toThrow('version')
    await cp(FOLDER, empty, { recursive: true, force: true })
    const fonts = { train: ['DejaVuSans'], test: ['No such font'] }
    await writeFile(join(empty, 'extent.json'), JSON.stringify({ styles: ['noto'], fonts }))
    await expect(loadArtPack(empty)).rejects.toThrow('No such font')
    const known = { train: ['DejaVuSans'], test: ['Lato-Bold'] }
    await writeFile(join(empty, 'extent.json'), JSON.stringify({ styles: ['noto', 'crayon'], fonts: known }))
    await expect(loadArtPack(empty)).rejects.toThrow('in style crayon, got none')
  })

  it('draws only what its extent names, one drawing of each style', async () => {
    await cp(FOLDER, empty, { recursive: true, force: true })
    const fonts = { train: ['DejaVuSans'], test: ['Lato-Bold', 'Inter-SemiBold'] }
    await writeFile(join(empty, 'extent.json'), JSON.stringify({ styles: ['noto', 'emojione'], fonts }))
    const { train, test } = artCounts(await loadArtPack(empty))

    expect(WORLD_OBJECTS.filter((name) => train.drawings[name] !== 2)).toEqual([])
    expect([train.fontAdvances.length, test.fontAdvances.length]).toEqual([1, 2])
    expect(train.unknown).toBe(225)
  })
})

/** Pixels of each drawing without a name of a split, as text. */
function unknownCells(split: 'train' | 'test'): string[] {
  const { sprites, drawings } = art[split]
  return (drawings.get('unknown') ?? []).map((cell) => {
    const x = (cell % sprites.columns) * sprites.cell
    const y = Math.floor(cell / sprites.columns) * sprites.cell
    const rows = Array.from({ length: sprites.cell }, (_, row) => {
      const start = ((y + row) * sprites.width + x) * 4
      return Buffer.from(sprites.data.subarray(start, start + sprites.cell * 4)).toString('latin1')
    })
    return rows.join('')
  })
}

describe('a scene drawn for training', () => {
  const scenes = Array.from({ length: 24 }, (_, index): Scene => {
    const random = createRandom('small and large', index)
    const scene = makeScene(random, index % 2 === 0 ? 'train' : 'test', artCounts(art))
    // Compression works on the pixels there are, so it is not the same at another size.
    return { ...scene, effects: { ...scene.effects, blocks: 0 } }
  })

  it('looks as it does drawn four times as large and scaled down by the program', () => {
    const differences = scenes.map((scene) => {
      const small = drawFrame(scene, art, 160)
      const large = drawScene(scene, art, canvasWithin(scene.aspect, 640).width)
      return difference(small.data, toModelInput(large.data, large.width, large.height, PROCESSING))
    })

    expect(Math.max(...differences)).toBeLessThan(3)
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(1.2)
  })
})
