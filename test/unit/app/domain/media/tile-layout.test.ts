import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tileLayout, type Rectangle } from '../../../../../app/domain/media/tile-layout'

function rectangle(left: number, top: number, width: number, height: number): Rectangle {
  return { left, top, width, height }
}

describe('the tiles of a picture', () => {
  it('are centred on a white sheet and never scaled', () => {
    const layout = tileLayout(500, 300, 336)
    expect(layout).toMatchObject({
      rows: 1,
      columns: 2,
      padding: { horizontal: 86, vertical: 18 },
      sheet: { width: 672, height: 336 },
    })
    expect(layout.tiles).toEqual([
      {
        row: 0,
        column: 0,
        onSheet: rectangle(0, 0, 336, 336),
        inPicture: rectangle(0, 0, 250, 300),
        offset: { left: 86, top: 18 },
      },
      {
        row: 0,
        column: 1,
        onSheet: rectangle(336, 0, 336, 336),
        inPicture: rectangle(250, 0, 250, 300),
        offset: { left: 0, top: 18 },
      },
    ])
  })

  it('are one pixel short at the end when the padding is odd', () => {
    const layout = tileLayout(501, 301, 336)
    expect(layout.sheet).toEqual({ width: 671, height: 335 })
    expect(layout.tiles.map(({ onSheet }) => [onSheet.width, onSheet.height])).toEqual([
      [336, 335],
      [335, 335],
    ])
  })

  it('are one without white for a picture of exactly their size', () => {
    const layout = tileLayout(336, 336, 336)
    expect(layout.padding).toEqual({ horizontal: 0, vertical: 0 })
    expect(layout.tiles).toEqual([
      {
        row: 0,
        column: 0,
        onSheet: rectangle(0, 0, 336, 336),
        inPicture: rectangle(0, 0, 336, 336),
        offset: { left: 0, top: 0 },
      },
    ])
  })

  it('go row by row, left to right', () => {
    expect(tileLayout(700, 680, 336).tiles.map(({ row, column }) => `${row}${column}`)).toEqual(
      '00 01 02 10 11 12 20 21 22'.split(' '),
    )
  })

  it('are refused for sizes that no picture has', () => {
    expect(() => tileLayout(0, 10, 336)).toThrow(RangeError)
    expect(() => tileLayout(10, 1.5, 336)).toThrow(RangeError)
    expect(() => tileLayout(10, 10, NaN)).toThrow(RangeError)
  })

  it('cover sheet and picture exactly once', () => {
    const size = fc.integer({ min: 1, max: 1500 })
    fc.assert(
      fc.property(size, size, fc.integer({ min: 100, max: 700 }), (width, height, side) => {
        const { rows, columns, sheet, padding, tiles } = tileLayout(width, height, side)
        const area = (of: (index: number) => Rectangle | undefined) =>
          tiles.reduce((sum, _, i) => sum + (of(i)?.width ?? 0) * (of(i)?.height ?? 0), 0)
        expect(tiles).toHaveLength(rows * columns)
        expect(area((i) => tiles[i]?.onSheet)).toBe(sheet.width * sheet.height)
        expect(area((i) => tiles[i]?.inPicture)).toBe(width * height)
        for (const { row, column, onSheet, inPicture, offset } of tiles) {
          expect([onSheet.left, onSheet.top]).toEqual([column * side, row * side])
          expect(onSheet.left + offset.left).toBe(padding.horizontal + inPicture.left)
          expect(onSheet.top + offset.top).toBe(padding.vertical + inPicture.top)
          expect(offset.left + inPicture.width).toBeLessThanOrEqual(onSheet.width)
          expect(offset.top + inPicture.height).toBeLessThanOrEqual(onSheet.height)
        }
      }),
    )
  })
})
