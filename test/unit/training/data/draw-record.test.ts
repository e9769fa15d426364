import { describe, expect, it } from 'vitest'
import { artCounts } from '../../../../app/domain/world/draw/art'
import { makeClip } from '../../../../app/domain/world/make-clip'
import { makeSheet } from '../../../../app/domain/world/make-sheet'
import type { Scene } from '../../../../app/domain/world/scene'
import { drawHeader, drawRecord } from '../../../../training/data/draw-record'
import { framesOf } from '../../../../training/data/draw-units'
import { captionOf, itemOf, sceneOf } from '../../../helpers/drawn-scene'
import { smallArt } from '../../../helpers/small-art'

const counts = artCounts(smallArt)
const PIXELS = 160 * 160 * 3
const FRAME = PIXELS + 2 * (25 * 13 + 4 + 25 * 8)

describe('drawRecord', () => {
  const frames = [
    { scene: sceneOf() },
    { scene: sceneOf({ items: [itemOf({ x: 0.1, y: 0.1, size: 0.2 })] }) },
  ]
  const record = drawRecord(frames, smallArt, (text) => (text === ' cat' ? 300 : undefined))
  const view = new DataView(record.buffer)

  it('begins with the number of frames and holds all pixels before all targets', () => {
    expect(record.length).toBe(4 + 2 * FRAME)
    expect(view.getUint32(0, true)).toBe(2)
    // The first frame is all red; the second has a blue cat at the top left.
    expect([...record.subarray(4 + 16 * 161 * 3, 4 + 16 * 161 * 3 + 3)]).toEqual([200, 0, 0])
    expect([...record.subarray(4 + PIXELS + 16 * 161 * 3, 4 + PIXELS + 16 * 161 * 3 + 3)]).toEqual([
      0, 0, 255,
    ])
  })

  it('holds cells, globals and names of the frames in turn', () => {
    const cells = 4 + 2 * PIXELS
    const globals = cells + 2 * 25 * 13 * 2
    const names = globals + 2 * 4 * 2

    expect([view.getInt16(cells, true), view.getInt16(cells + 25 * 13 * 2, true)]).toEqual([0, 2])
    expect([view.getInt16(globals + 6, true), view.getInt16(globals + 8 + 6, true)]).toEqual([0, 1])
    expect([view.getInt16(names, true), view.getInt16(names + 25 * 8 * 2, true)]).toEqual([-1, 300])
  })

  it('draws the lines of a page on its background, and its effects over both', () => {
    const brightness = 0.5
    const effects = { ...sceneOf().effects, brightness }
    const lines = [captionOf({ y: 0.3 }), captionOf({ y: 0.7, plate: [0, 0, 200] })]
    const page = (scene: Scene) =>
      drawRecord([{ scene, lines }], smallArt, () => undefined).slice(4, 4 + PIXELS)
    const [plain, dark] = [page(sceneOf()), page(sceneOf({ effects }))]
    const has = (pixels: Uint8Array, color: readonly number[]) =>
      Array.from({ length: PIXELS / 3 }, (_, at) => pixels.subarray(3 * at, 3 * at + 3)).some((pixel) =>
        color.every((value, channel) => Math.abs((pixel[channel] ?? 0) - value) <= 1),
      )

    for (const color of [
      [255, 255, 255],
      [0, 0, 200],
      [200, 0, 0],
    ]) {
      expect(has(plain, color)).toBe(true)
      expect(
        has(
          dark,
          color.map((value) => value * brightness),
        ),
      ).toBe(true)
    }
    expect(Math.max(...dark)).toBeLessThanOrEqual(128)
  })
})

describe('drawHeader', () => {
  it('is one line that names classes and columns', () => {
    const line = drawHeader({ kind: 'mixed', split: 'train', seed: 3, start: 64, count: 128, batch: 64 })
    const header = JSON.parse(line) as Record<string, unknown>

    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(header).toMatchObject({
      stream: 'draw',
      version: 1,
      start: 64,
      side: 160,
      cells: 25,
      cell_columns: 13,
      global_columns: 4,
      name_columns: 8,
    })
    expect((header['items'] as string[]).slice(-4)).toEqual(['circle', 'square', 'triangle', 'star'])
  })
})

describe('framesOf', () => {
  it('gives the four phases of a clip in turn', () => {
    const frames = framesOf('clips', 1, 5, 'train', counts)

    expect(frames.map(({ scene }) => scene)).toEqual(makeClip(1, 5, 'train', counts))
  })

  it('gives the whole of a sheet, then its tiles', () => {
    const sheet = makeSheet(1, 3, 'train', counts)
    const frames = framesOf('sheets', 1, 3, 'train', counts)

    expect(frames).toHaveLength(1 + sheet.layout.rows * sheet.layout.columns)
    expect(frames[0]).toEqual({ scene: sheet.scene })
    expect(frames.slice(1).map(({ tile }) => tile)).toEqual(sheet.tiles)
  })

  it('gives one frame of any sort for the tower, the same each time', () => {
    const mixed = Array.from({ length: 300 }, (_, index) => framesOf('mixed', 1, index, 'train', counts))

    expect(mixed.every((frames) => frames.length === 1)).toBe(true)
    expect(mixed.slice(0, 20)).toEqual(
      Array.from({ length: 20 }, (_, index) => framesOf('mixed', 1, index, 'train', counts)),
    )
    const scenes = mixed.flat()
    expect(scenes.some(({ tile }) => tile !== undefined)).toBe(true)
    expect(scenes.some(({ scene }) => scene.caption !== undefined)).toBe(true)
    expect(scenes.some(({ scene }) => scene.items.length === 0 && scene.background.kind === 'photo')).toBe(
      true,
    )
    expect(scenes.some(({ scene }) => scene.items.some(({ kind }) => kind === 'unknown'))).toBe(true)
  })
})
