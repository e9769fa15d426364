import type { SceneCaption } from '../scene'
import type { Glyph, GlyphFont, GlyphSheet } from './art'

export interface PlacedCharacter {
  /** As drawn. */
  readonly character: string
  readonly glyph: Glyph
  /** Pen before the character, and its advance box's middle; pixels of the canvas. */
  readonly pen: number
  readonly middle: number
}

/** A caption in pixels of a canvas. */
export interface CaptionLayout {
  readonly font: GlyphFont
  /** Canvas pixels per pixel of the glyph sheet. */
  readonly scale: number
  /** Height of a capital letter. */
  readonly capital: number
  readonly left: number
  readonly right: number
  /** Middle of the capitals, and the line they stand on. */
  readonly y: number
  readonly baseline: number
  readonly characters: readonly PlacedCharacter[]
}

/** How far a plate sticks out at each end of the line, and how high it is, in capital heights. */
const PLATE_SIDE = 0.3
export const PLATE_HEIGHT = 1.7

/** @throws RangeError when the art pack has no such font or character */
export function layOutCaption(
  caption: SceneCaption,
  sheet: GlyphSheet,
  canvas: { readonly width: number; readonly height: number },
): CaptionLayout {
  const font = sheet.fonts[caption.font]
  if (font === undefined) {
    throw new RangeError(`expected a font from 0 to ${sheet.fonts.length - 1}, got ${caption.font}`)
  }
  const capital = caption.height * canvas.width
  const scale = capital / sheet.capital
  const glyphs = Array.from(caption.drawn, (character) => {
    const glyph = font.glyphs.get(character)
    if (glyph === undefined) throw new RangeError(`${font.name} has no '${character}'`)
    return { character, glyph }
  })
  const width = glyphs.reduce((sum, { glyph }) => sum + glyph.advance, 0) * scale
  const left = caption.x * canvas.width - width / 2
  const y = caption.y * canvas.height
  let pen = left
  const characters = glyphs.map(({ character, glyph }) => {
    const placed = { character, glyph, pen, middle: pen + (glyph.advance * scale) / 2 }
    pen += glyph.advance * scale
    return placed
  })
  return { font, scale, capital, left, right: left + width, y, baseline: y + capital / 2, characters }
}

/** The plate behind a line. */
export function plateBox({ left, right, y, capital }: CaptionLayout): {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
} {
  return {
    left: left - PLATE_SIDE * capital,
    right: right + PLATE_SIDE * capital,
    top: y - (PLATE_HEIGHT / 2) * capital,
    bottom: y + (PLATE_HEIGHT / 2) * capital,
  }
}
