import type { SceneCaption } from '../scene'
import type { GlyphSheet } from './art'
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
  const endX = Math.min(raster.width, Math.ceil(left + glyph.width * scale + 1))
  const endY = Math.min(raster.height, Math.ceil(top + sheet.row * scale + 1))
  for (let y = Math.max(0, Math.floor(top - 1)); y < endY; y += 1) {
    const row = (y + 0.5 - top) / scale
    for (let x = Math.max(0, Math.floor(left - 1)); x < endX; x += 1) {
      const coverage = meanCoverage(sheet, font.top, glyph, (x + 0.5 - left) / scale, row, half)
      if (coverage > 0.004) blendPixel(raster, x, y, color, coverage)
    }
  }
}

/** 0…1 around column x of the glyph and row y of the font's row; outside is empty. */
function meanCoverage(
  sheet: GlyphSheet,
  fontTop: number,
  glyph: { readonly x: number; readonly width: number },
  x: number,
  y: number,
  half: number,
): number {
  const left = Math.max(0, x - half)
  const right = Math.min(glyph.width, x + half)
  const top = Math.max(0, y - half)
  const bottom = Math.min(sheet.row, y + half)
  let sum = 0
  for (let row = Math.floor(top); row < bottom; row += 1) {
    const high = Math.min(bottom, row + 1) - Math.max(top, row)
    const start = (fontTop + row) * sheet.width + glyph.x
    for (let column = Math.floor(left); column < right; column += 1) {
      const wide = Math.min(right, column + 1) - Math.max(left, column)
      sum += high * wide * (sheet.data[start + column] as number)
    }
  }
  return sum / (4 * half * half * 255)
}
