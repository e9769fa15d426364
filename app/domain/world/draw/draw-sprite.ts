import { SPRITE_BORDER, type CellSheet } from './art'
import type { PlacedItem } from './frame-geometry'
import { toByte, type Raster } from './raster'

const SQRT2 = Math.SQRT2

/** Sprite pixels per canvas pixel when the drawing is `size` canvas pixels long. */
function ratioOf(sheet: CellSheet, size: number): number {
  return (sheet.cell - 2 * SPRITE_BORDER) / size
}

/**
 * Draws one cell of a sprite sheet: each pixel is the mean of the sprite's pixels that it covers, at least one pixel
 * wide, so that enlarging interpolates linearly.
 */
export function drawSprite(
  raster: Raster,
  sheet: CellSheet,
  cell: number,
  place: PlacedItem,
  mirrored: boolean,
): void {
  const { x: centreX, y: centreY, size, cos, sin } = place
  const ratio = ratioOf(sheet, size)
  const half = Math.max(0.5, ratio / 2)
  const reach = (size / 2) * Math.min(SQRT2, Math.abs(cos) + Math.abs(sin)) + 1
  const endX = Math.min(raster.width, Math.ceil(centreX + reach))
  const endY = Math.min(raster.height, Math.ceil(centreY + reach))
  const firstX = Math.max(0, Math.floor(centreX - reach))
  const flip = mirrored ? -1 : 1
  const middle = sheet.cell / 2
  const mean = new Float64Array(4)
  for (let y = Math.max(0, Math.floor(centreY - reach)); y < endY; y += 1) {
    for (let x = firstX; x < endX; x += 1) {
      const dx = (x + 0.5 - centreX) * ratio
      const dy = (y + 0.5 - centreY) * ratio
      meanOfBox(sheet, cell, middle + flip * (dx * cos + dy * sin), middle + dy * cos - dx * sin, half, mean)
      const alpha = mean[3] as number
      if (alpha < 0.5) continue
      const rest = 1 - alpha / 255
      const at = (y * raster.width + x) * 3
      const { data } = raster
      for (let channel = 0; channel < 3; channel += 1) {
        data[at + channel] = toByte((mean[channel] as number) + (data[at + channel] as number) * rest)
      }
    }
  }
}

/** Mean of the cell's pixels in a square around (x, y), premultiplied RGBA; what is outside the cell is transparent. */
function meanOfBox(
  sheet: CellSheet,
  cell: number,
  x: number,
  y: number,
  half: number,
  mean: Float64Array,
): void {
  const left = Math.max(0, x - half)
  const right = Math.min(sheet.cell, x + half)
  const top = Math.max(0, y - half)
  const bottom = Math.min(sheet.cell, y + half)
  mean.fill(0)
  if (left >= right || top >= bottom) return
  const { data, width } = sheet
  const cellX = (cell % sheet.columns) * sheet.cell
  const cellY = Math.floor(cell / sheet.columns) * sheet.cell
  let red = 0
  let green = 0
  let blue = 0
  let alpha = 0
  const firstColumn = Math.floor(left)
  const lastColumn = Math.ceil(right) - 1
  // Columns that are covered in part stand at the ends.
  const firstWide = Math.min(right, firstColumn + 1) - left
  const lastWide = right - Math.max(left, lastColumn)
  for (let row = Math.floor(top); row < bottom; row += 1) {
    const high = (row + 1 < bottom ? row + 1 : bottom) - (row > top ? row : top)
    let at = ((cellY + row) * width + cellX + firstColumn) * 4
    for (let column = firstColumn; column <= lastColumn; column += 1, at += 4) {
      const weight =
        column === firstColumn ? high * firstWide : column === lastColumn ? high * lastWide : high
      red += weight * (data[at] as number)
      green += weight * (data[at + 1] as number)
      blue += weight * (data[at + 2] as number)
      alpha += weight * (data[at + 3] as number)
    }
  }
  const area = 4 * half * half
  mean[0] = red / area
  mean[1] = green / area
  mean[2] = blue / area
  mean[3] = alpha / area
}

/** Tells the alpha (0…255) of the drawing at any point of the canvas. */
export function spriteAlpha(
  sheet: CellSheet,
  cell: number,
  place: PlacedItem,
  mirrored: boolean,
): (x: number, y: number) => number {
  const ratio = ratioOf(sheet, place.size)
  const { cell: side, width, data } = sheet
  const cellX = (cell % sheet.columns) * side
  const cellY = Math.floor(cell / sheet.columns) * side
  const flip = mirrored ? -1 : 1
  return (x, y) => {
    const dx = (x - place.x) * ratio
    const dy = (y - place.y) * ratio
    const column = Math.floor(side / 2 + flip * (dx * place.cos + dy * place.sin))
    const row = Math.floor(side / 2 + dy * place.cos - dx * place.sin)
    if (column < 0 || column >= side || row < 0 || row >= side) return 0
    return data[((cellY + row) * width + cellX + column) * 4 + 3] ?? 0
  }
}
