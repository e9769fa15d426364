import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WorldSheet } from '../../../../../app/domain/world/composition'
import { captionBox } from '../../../../../app/domain/world/make-caption'
import { placeOf } from '../../../../../app/domain/world/make-items'
import { makeSheet } from '../../../../../app/domain/world/make-sheet'
import { worldArt } from '../../../../helpers/world-art'

const sheets = Array.from({ length: 400 }, (_, index) =>
  makeSheet(2, index, index % 2 === 0 ? 'train' : 'test', worldArt),
)
const tileCanvas = { width: 160, height: 160, bar: 0 }
const canvasOfSheet = ({ width, height }: WorldSheet) => ({ width, height, bar: 0 })

describe('a sheet', () => {
  it('is the same for the same seed, index and split', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, index) => {
        const sheet = makeSheet(seed, index, 'test', worldArt)
        expect(makeSheet(seed, index, 'test', worldArt)).toEqual(sheet)
        expect(makeSheet(seed, index + 1, 'test', worldArt)).not.toEqual(sheet)
      }),
    )
  })

  it('has 2×2 to 4×4 whole tiles, with and without white margins', () => {
    for (const { layout, width, height, tiles, scene } of sheets) {
      for (const count of [layout.rows, layout.columns]) expect([2, 3, 4]).toContain(count)
      expect(layout.sheet).toEqual({ width: 160 * layout.columns, height: 160 * layout.rows })
      expect(scene.aspect).toBe(width / height)
      expect(tiles.map(({ row, column }) => [row, column])).toEqual(
        layout.tiles.map(({ row, column }) => [row, column]),
      )
    }
    const exact = sheets.filter(({ width, height }) => width % 160 === 0 && height % 160 === 0)
    expect(exact.length).toBeGreaterThan(20)
    expect(exact.length).toBeLessThan(200)
  })

  it('shows 1 to 5 things, each in exactly one tile', () => {
    expect(new Set(sheets.map(({ scene }) => scene.items.length))).toEqual(new Set([1, 2, 3, 4, 5]))
    for (const { scene, tiles } of sheets) {
      const shown = tiles.flatMap((tile) => tile.scene.items.map(({ name }) => name))
      expect(shown.toSorted()).toEqual(scene.items.map(({ name }) => name).toSorted())
      expect(tiles.filter((tile) => tile.scene.caption).length).toBe(scene.caption ? 1 : 0)
    }
  })

  it('keeps each thing wholly inside its tile, off the white, and at least 26 pixels large', () => {
    for (const { tiles } of sheets) {
      for (const { scene, margin } of tiles) {
        for (const item of scene.items) {
          const { x, y, size } = placeOf(item, tileCanvas)
          const angle = (Math.abs(item.rotationDegrees) * Math.PI) / 180
          const half = (size / 2) * (Math.cos(angle) + Math.sin(angle))
          expect(x - half).toBeGreaterThanOrEqual(160 * margin.left - 1e-6)
          expect(x + half).toBeLessThanOrEqual(160 * (1 - margin.right) + 1e-6)
          expect(y - half).toBeGreaterThanOrEqual(160 * margin.top - 1e-6)
          expect(y + half).toBeLessThanOrEqual(160 * (1 - margin.bottom) + 1e-6)
          expect(size).toBeGreaterThanOrEqual(26 - 1e-9)
          expect(size).toBeLessThanOrEqual(64 + 1e-9)
        }
      }
    }
  })

  it('keeps its caption inside its tile', () => {
    const captioned = sheets.flatMap(({ tiles }) => tiles.filter(({ scene }) => scene.caption))
    expect(captioned.length).toBeGreaterThan(50)
    for (const { scene, margin } of captioned) {
      if (!scene.caption) continue
      const advance = worldArt[scene.split].fontAdvances[scene.caption.font] ?? 0
      const box = captionBox(scene.caption, advance, tileCanvas)
      expect(box.left).toBeGreaterThanOrEqual(160 * margin.left - 1e-6)
      expect(box.right).toBeLessThanOrEqual(160 * (1 - margin.right) + 1e-6)
      expect(box.top).toBeGreaterThanOrEqual(160 * margin.top - 1e-6)
      expect(box.bottom).toBeLessThanOrEqual(160 * (1 - margin.bottom) + 1e-6)
      expect(scene.caption.height * 160 * advance).toBeGreaterThanOrEqual(7 - 1e-9)
    }
  })

  it('shows a thing at the same pixels in the tile as in the picture', () => {
    const sheet = sheets.find(({ width, scene }) => width % 160 !== 0 && scene.items.length > 0)
    if (!sheet) throw new Error('expected a sheet with a margin')
    const [item] = sheet.scene.items
    if (!item) throw new Error('expected a thing')
    const inPicture = placeOf(item, canvasOfSheet(sheet))
    const tile = sheet.tiles.find(({ scene }) =>
      scene.items.some(({ size, name }) => name === item.name && size * 160 - inPicture.size < 1e-9),
    )
    const shown = tile?.scene.items.find(({ name }) => name === item.name)
    if (!tile || !shown) throw new Error('expected the thing in a tile')
    const { horizontal, vertical } = sheet.layout.padding
    expect(shown.x * 160 + 160 * tile.column - horizontal).toBeCloseTo(inPicture.x, 6)
    expect(shown.y * 160 + 160 * tile.row - vertical).toBeCloseTo(inPicture.y, 6)
    expect(shown.size * 160).toBeCloseTo(inPicture.size, 6)
  })

  it('continues its background from tile to tile', () => {
    const gradient = sheets.find(
      ({ scene, height }) => scene.background.kind === 'gradient' && height % 160 === 0,
    )
    const column = gradient?.tiles.filter((tile) => tile.column === 0) ?? []
    const ends = column.map(({ scene: { background } }) =>
      background.kind === 'gradient' ? [background.from, background.to] : [],
    )
    expect(ends.length).toBeGreaterThanOrEqual(2)
    for (const [row, [from]] of ends.entries()) {
      if (row > 0) expect(from).toEqual(ends[row - 1]?.[1])
    }
    for (const { scene, tiles } of sheets) {
      for (const tile of tiles) {
        const { background } = tile.scene
        expect(background.kind).toBe(scene.background.kind)
        if (background.kind !== 'photo') continue
        expect(background.left).toBeGreaterThanOrEqual(0)
        expect(background.left + background.scale).toBeLessThanOrEqual(1 + 1e-9)
        expect(background.top).toBeGreaterThanOrEqual(0)
        expect(background.top + background.scale).toBeLessThanOrEqual(1 + 1e-9)
      }
    }
  })
})
