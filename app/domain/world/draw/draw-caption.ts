import type { SceneCaption } from '../scene'
import type { Glyph, GlyphSheet } from './art'
import { layOutCaption, plateBox, type CaptionLayout, type PlacedCharacter } from './lay-out-caption'
import { blendPixel, fillBox, type Raster } from './raster'

export function drawCaption(raster: Raster, caption: SceneCaption, sheet: GlyphSheet): void {
  const layout = layOutCaption(caption, sheet, raster)
  if (caption.plate !== undefined) fillBox(raster, plateBox(layout), caption.plate)
  for (const placed of layout.characters) drawGlyph(raster, sheet, layout, placed, caption.color)
}

/** Coverage of a pixel is the mean of what it covers on the sheet, at least one pixel wide (as with sprites). */
function drawGlyph(
  raster: Raster,
  sheet: GlyphSheet,
  { scale, baseline, font }: CaptionLayout,
  { glyph, pen }: PlacedCharacter,
  color: readonly [number, number, number],
): void {
  const left = pen + glyph.left * scale
  const top = baseline - sheet.baseline * scale
  const half = Math.max(0.5, 0.5 / scale)
  const wholeArea = 4 * half * half * 255
  const ink = inkOf(sheet, font.top, glyph)
  const line = new Float64Array(glyph.width + 1)
  const firstX = Math.max(0, Math.floor(left - 1))
  const endX = Math.min(raster.width, Math.ceil(left + glyph.width * scale + 1))
  const endY = Math.min(raster.height, Math.ceil(top + (ink.top + ink.rows) * scale + 1))
  for (let y = Math.max(0, Math.floor(top + ink.top * scale - 1)); y < endY; y += 1) {
    const row = (y + 0.5 - top) / scale - ink.top
    if (!sumRows(line, ink, Math.max(0, row - half), Math.min(ink.rows, row + half))) continue
    for (let x = firstX; x < endX; x += 1) {
      const column = (x + 0.5 - left) / scale
      const first = Math.max(0, column - half)
      const end = Math.min(glyph.width, column + half)
      if (first >= end) continue
      const coverage = (sumUpTo(line, end) - sumUpTo(line, first)) / wholeArea
      if (coverage > 0.004) blendPixel(raster, x, y, color, coverage)
    }
  }
}

/** The rows of a glyph that hold something, as sums: `sums[(row, column)]` of all that is above and left of a corner. */
interface GlyphInk {
  /** First row, from the top of the font's row on the sheet. */
  readonly top: number
  readonly rows: number
  /** [rows + 1, width + 1] */
  readonly sums: Uint32Array
}

const inks = new WeakMap<Glyph, GlyphInk>()

function inkOf(sheet: GlyphSheet, fontTop: number, glyph: Glyph): GlyphInk {
  const known = inks.get(glyph)
  if (known !== undefined) return known
  const start = (row: number) => (fontTop + row) * sheet.width + glyph.x
  const holds = (row: number) =>
    sheet.data.subarray(start(row), start(row) + glyph.width).some((level) => level > 0)
  let top = 0
  let bottom = sheet.row
  while (top < bottom && !holds(top)) top += 1
  while (bottom > top && !holds(bottom - 1)) bottom -= 1
  const stride = glyph.width + 1
  const sums = new Uint32Array((bottom - top + 1) * stride)
  for (let row = 0; row < bottom - top; row += 1) {
    let sum = 0
    for (let column = 0; column < glyph.width; column += 1) {
      sum += sheet.data[start(top + row) + column] as number
      sums[(row + 1) * stride + column + 1] = sum + (sums[row * stride + column + 1] as number)
    }
  }
  const ink = { top, rows: bottom - top, sums }
  inks.set(glyph, ink)
  return ink
}

/** Running sums over the columns of what lies from row `top` to row `bottom`, both between rows perhaps; false: nothing. */
function sumRows(line: Float64Array, { rows, sums }: GlyphInk, top: number, bottom: number): boolean {
  if (top >= bottom) return false
  const stride = line.length
  const [topRow, bottomRow] = [Math.floor(top), Math.min(rows - 1, Math.floor(bottom))]
  const [topShare, bottomShare] = [top - topRow, bottom - bottomRow]
  for (let column = 0; column < stride; column += 1) {
    const above = topRow * stride + column
    const below = bottomRow * stride + column
    const before = sums[above] as number
    const after = sums[below] as number
    line[column] =
      after +
      bottomShare * ((sums[below + stride] as number) - after) -
      (before + topShare * ((sums[above + stride] as number) - before))
  }
  return (line[stride - 1] as number) > 0
}

/** Of running sums, the sum up to a place between columns. */
function sumUpTo(line: Float64Array, place: number): number {
  const column = Math.floor(place)
  const before = line[column] as number
  return column + 1 < line.length
    ? before + (place - column) * ((line[column + 1] as number) - before)
    : before
}
