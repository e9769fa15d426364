import type { ArtCounts, SplitCounts } from '../composition'
import { WORLD_OBJECTS, type WorldObject, type WorldSplit } from '../scene'

/** Pixels of a sheet: [height, width, channels] bytes. */
export interface Sheet {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
  readonly data: Uint8Array
}

/** Square cells of one size, row by row. */
export interface CellSheet extends Sheet {
  readonly cell: number
  readonly columns: number
}

export interface Glyph {
  /** First column on the sheet, and columns. */
  readonly x: number
  readonly width: number
  /** From the pen to the first column, and to the next pen; pixels of the sheet. */
  readonly left: number
  readonly advance: number
}

export interface GlyphFont {
  readonly name: string
  /** First row on the sheet. */
  readonly top: number
  readonly glyphs: ReadonlyMap<string, Glyph>
}

export interface GlyphSheet extends Sheet {
  /** Height of a capital letter, pen line below the row's top, height of a row; pixels. */
  readonly capital: number
  readonly baseline: number
  readonly row: number
  readonly fonts: readonly GlyphFont[]
}

/** What one split draws with. Sprites are RGBA with premultiplied alpha, photographs RGB, glyphs gray coverage. */
export interface ArtSplit {
  readonly sprites: CellSheet
  /** Cells of the sprite sheet by name, in the order of `SceneItem.drawing`. */
  readonly drawings: ReadonlyMap<WorldObject | 'unknown', readonly number[]>
  readonly glyphs: GlyphSheet
  readonly photos: CellSheet
  readonly photoCount: number
}

export type ArtPack = Readonly<Record<WorldSplit, ArtSplit>>

/** Border of a sprite's cell that its drawing leaves free, pixels. */
export const SPRITE_BORDER = 1

const CAPITALS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** What generators have to know of an art pack. */
export function artCounts(art: ArtPack): ArtCounts {
  return { train: splitCounts(art.train), test: splitCounts(art.test) }
}

function splitCounts({ drawings, glyphs, photoCount }: ArtSplit): SplitCounts {
  const counts = WORLD_OBJECTS.map((name) => [name, drawings.get(name)?.length ?? 0] as const)
  return {
    drawings: Object.fromEntries(counts) as Record<WorldObject, number>,
    unknown: drawings.get('unknown')?.length ?? 0,
    photos: photoCount,
    fontAdvances: glyphs.fonts.map((font) => meanAdvance(font) / glyphs.capital),
  }
}

function meanAdvance({ glyphs }: GlyphFont): number {
  let sum = 0
  for (const character of CAPITALS_AND_DIGITS) sum += glyphs.get(character)?.advance ?? 0
  return sum / CAPITALS_AND_DIGITS.length
}
