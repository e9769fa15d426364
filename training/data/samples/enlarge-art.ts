import sharp from 'sharp'
import {
  SPRITE_BORDER,
  type ArtPack,
  type ArtSplit,
  type CellSheet,
  type Glyph,
  type GlyphSheet,
} from '../../../app/domain/world/draw/art'
import { isShape } from '../../../app/domain/world/draw/draw-scene'
import type { Scene } from '../../../app/domain/world/scene'

/** How many times larger the drawings and letters of an enlarged art pack are. */
const TIMES = 4

/** Half a side of the square in which an edge is looked for, enlarged pixels: an edge is about four wide. */
const REACH = 3

/** How much steeper an edge becomes. */
const STEEPNESS = 2.6

/**
 * The art pack with only what these scenes draw, in four times the size and with steep edges: drawings of 72 pixels are
 * made for pictures of 160, and would be soft in one of 640. Places, sizes and looks stay the same.
 */
export async function enlargeArt(art: ArtPack, scenes: readonly Scene[]): Promise<ArtPack> {
  return { train: await enlargeSplit(art.train, scenes), test: art.test }
}

async function enlargeSplit(art: ArtSplit, scenes: readonly Scene[]): Promise<ArtSplit> {
  const cells = new Set<number>()
  const fonts = new Set<number>()
  for (const { items, caption } of scenes) {
    for (const { name, drawing } of items) {
      const cell = isShape(name) ? undefined : art.drawings.get(name)?.[drawing]
      if (cell !== undefined) cells.add(cell)
    }
    if (caption !== undefined) fonts.add(caption.font)
  }
  const kept = [...cells].sort((a, b) => a - b)
  return {
    ...art,
    sprites: await enlargeSprites(art.sprites, kept),
    // What no scene draws has no cell any more.
    drawings: new Map([...art.drawings].map(([name, all]) => [name, all.map((cell) => kept.indexOf(cell))])),
    glyphs: await enlargeGlyphs(art.glyphs, fonts),
  }
}

async function enlargeSprites(sheet: CellSheet, cells: readonly number[]): Promise<CellSheet> {
  const large = sheet.cell * TIMES
  // The border stays as wide as it was, in pixels: drawings are measured from there.
  const trimmed = SPRITE_BORDER * (TIMES - 1)
  const cell = large - 2 * trimmed
  const data = new Uint8Array(Math.max(1, cells.length) * cell * cell * 4)
  for (const [at, index] of cells.entries()) {
    const left = (index % sheet.columns) * sheet.cell
    const top = Math.floor(index / sheet.columns) * sheet.cell
    const drawing = await enlarge(cut(sheet, left, top, sheet.cell, sheet.cell), sheet.cell, sheet.cell, 4)
    data.set(
      cut({ width: large, channels: 4, data: drawing }, trimmed, trimmed, cell, cell),
      at * cell * cell * 4,
    )
  }
  return { width: cell, height: Math.max(1, cells.length) * cell, channels: 4, data, cell, columns: 1 }
}

async function enlargeGlyphs(sheet: GlyphSheet, fonts: ReadonlySet<number>): Promise<GlyphSheet> {
  const kept = [...fonts].sort((a, b) => a - b)
  const width = sheet.width * TIMES
  const row = sheet.row * TIMES
  const data = new Uint8Array(Math.max(1, kept.length) * row * width)
  for (const [at, font] of kept.entries()) {
    const rows = cut(sheet, 0, sheet.fonts[font]?.top ?? 0, sheet.width, sheet.row)
    data.set(await enlarge(rows, sheet.width, sheet.row, 1), at * row * width)
  }
  const times = ({ x, width: wide, left, advance }: Glyph): Glyph => {
    return { x: x * TIMES, width: wide * TIMES, left: left * TIMES, advance: advance * TIMES }
  }
  return {
    width,
    height: Math.max(1, kept.length) * row,
    channels: 1,
    data,
    capital: sheet.capital * TIMES,
    baseline: sheet.baseline * TIMES,
    row,
    fonts: sheet.fonts.map(({ name, glyphs }, font) => ({
      name,
      top: Math.max(0, kept.indexOf(font)) * row,
      glyphs: new Map([...glyphs].map(([character, glyph]) => [character, times(glyph)])),
    })),
  }
}

/** [height, width, channels] out of a larger sheet. */
function cut(
  { width, channels, data }: { readonly width: number; readonly channels: number; readonly data: Uint8Array },
  left: number,
  top: number,
  wide: number,
  high: number,
): Uint8Array {
  const part = new Uint8Array(wide * high * channels)
  for (let y = 0; y < high; y += 1) {
    const start = ((top + y) * width + left) * channels
    part.set(data.subarray(start, start + wide * channels), y * wide * channels)
  }
  return part
}

/** Each channel by itself: the pixels are premultiplied, so colours stay within their alpha. */
async function enlarge(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 4,
): Promise<Uint8Array> {
  const planes: Uint8Array[] = []
  for (let channel = 0; channel < channels; channel += 1) {
    const plane = pixels.filter((_, at) => at % channels === channel)
    const { data } = await sharp(plane, { raw: { width, height, channels: 1 } })
      .resize(width * TIMES, height * TIMES, { kernel: 'cubic', fit: 'fill' })
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true })
    planes.push(steepen(new Uint8Array(data), width * TIMES, height * TIMES))
  }
  const result = new Uint8Array(width * height * TIMES * TIMES * channels)
  const alpha = planes[channels - 1]
  for (const [channel, plane] of planes.entries()) {
    for (let at = 0; at < plane.length; at += 1) {
      result[at * channels + channel] = Math.min(plane[at] ?? 0, alpha?.[at] ?? 0)
    }
  }
  return result
}

/** Moves each pixel towards the darkest or the brightest one near it, whichever it is nearer to. */
function steepen(plane: Uint8Array, width: number, height: number): Uint8Array {
  const low = extremes(plane, width, height, Math.min)
  const high = extremes(plane, width, height, Math.max)
  return plane.map((level, at) => {
    const [from, to] = [low[at] ?? 0, high[at] ?? 0]
    if (to === from) return level
    const share = ((level - from) / (to - from) - 0.5) * STEEPNESS + 0.5
    return Math.round(from + (to - from) * Math.min(1, Math.max(0, share)))
  })
}

/** The least or greatest level in the square around each pixel. */
function extremes(
  plane: Uint8Array,
  width: number,
  height: number,
  better: (a: number, b: number) => number,
): Uint8Array {
  const along = (source: Uint8Array, step: number, length: number, position: (at: number) => number) =>
    source.map((level, at) => {
      let best = level
      const place = position(at)
      for (let offset = -REACH; offset <= REACH; offset += 1) {
        if (place + offset >= 0 && place + offset < length)
          best = better(best, source[at + offset * step] ?? best)
      }
      return best
    })
  const rows = along(plane, 1, width, (at) => at % width)
  return along(rows, width, height, (at) => Math.floor(at / width))
}
