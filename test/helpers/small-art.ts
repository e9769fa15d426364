import type { ArtPack, ArtSplit, CellSheet, GlyphFont, GlyphSheet } from '../../app/domain/world/draw/art'
import { WORLD_OBJECTS } from '../../app/domain/world/scene'

const CELL = 12
const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: '

/** Cell 0: all of it blue. Cell 1: its left half red, the rest transparent. Borders are transparent, as in art packs. */
function sprites(): CellSheet {
  const data = new Uint8Array(2 * CELL * CELL * 4)
  for (let y = 1; y < CELL - 1; y += 1) {
    for (let x = 1; x < CELL - 1; x += 1) {
      data.set([0, 0, 255, 255], (y * 2 * CELL + x) * 4)
      if (x < CELL / 2) data.set([255, 0, 0, 255], (y * 2 * CELL + CELL + x) * 4)
    }
  }
  return { width: 2 * CELL, height: CELL, channels: 4, data, cell: CELL, columns: 2 }
}

/** One font of filled boxes, 8 wide and 10 high, advance 10; a space is empty. */
function glyphs(): GlyphSheet {
  const row = 16
  const width = CHARACTERS.length * 8
  const data = new Uint8Array(width * row)
  for (let y = 2; y < 12; y += 1) data.fill(255, y * width, (y + 1) * width - 8)
  const font: GlyphFont = {
    name: 'boxes',
    top: 0,
    glyphs: new Map(
      CHARACTERS.split('').map((character, index) => [
        character,
        { x: index * 8, width: 8, left: 1, advance: 10 },
      ]),
    ),
  }
  return { width, height: row, channels: 1, data, capital: 10, baseline: 12, row, fonts: [font] }
}

/** One photograph, 20 pixels: its left half black, its right half white. */
function photos(): CellSheet {
  const data = new Uint8Array(20 * 20 * 3)
  for (let y = 0; y < 20; y += 1) data.fill(255, (y * 20 + 10) * 3, (y + 1) * 60)
  return { width: 20, height: 20, channels: 3, data, cell: 20, columns: 1 }
}

const split: ArtSplit = {
  sprites: sprites(),
  // Everything is the blue square but a dog's second drawing and what has no name.
  drawings: new Map([
    ...WORLD_OBJECTS.map((name) => [name, name === 'dog' ? [0, 1] : [0]] as const),
    ['unknown', [1]] as const,
  ]),
  glyphs: glyphs(),
  photos: photos(),
  photoCount: 1,
}

/** An art pack made of plain rectangles, for pixels that can be told beforehand. */
export const smallArt: ArtPack = { train: split, test: split }
