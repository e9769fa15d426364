import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { z } from 'zod'
import { AppError } from '../../contract/errors'
import type { ArtPack, ArtSplit, CellSheet, GlyphSheet, Sheet } from '../../domain/world/draw/art'
import { WORLD_OBJECTS, type WorldObject, type WorldSplit } from '../../domain/world/scene'

const count = z.number().int().nonnegative()
const size = z.number().int().positive()
const drawing = z.object({
  name: z.enum([...WORLD_OBJECTS, 'unknown']),
  style: z.string(),
  emoji: z.string(),
  /** Of drawings without a name: the only split that they are for. */
  split: z.enum(['train', 'test']).optional(),
})
/** Column, width, left, advance. */
const place = z.tuple([count, size, z.number().int(), z.number().nonnegative()])
const fonts = z.object({
  file: z.string(),
  fonts: z.array(z.object({ name: z.string(), places: z.array(place) })).min(1),
})
const photos = z.object({ file: z.string(), count: size })
const artIndex = z.object({
  version: z.literal(1),
  sprites: z.object({ cell: size, columns: size, file: z.string(), drawings: z.array(drawing).min(1) }),
  glyphs: z.object({
    capital: size,
    baseline: size,
    row: size,
    characters: z.string().min(1),
    train: fonts,
    test: fonts,
  }),
  photos: z.object({ cell: size, columns: size, train: photos, test: photos }),
})
type ArtIndex = z.infer<typeof artIndex>

/** extent.json: how much of the pack the world is drawn with; it grows as the model keeps up. */
const worldExtent = z.strictObject({
  /** Styles of the drawings of things with names. Of each thing and style, the first drawing stands for all. */
  styles: z.array(z.string()).min(1),
  fonts: z.strictObject({ train: z.array(z.string()).min(1), test: z.array(z.string()).min(1) }),
})
type WorldExtent = z.infer<typeof worldExtent>

/**
 * Reads the drawings, fonts and photographs of which pictures of the drawn world are made.
 * folder: holds art.json, the sheets that it names, and extent.json.
 * throws: media_unreadable.
 */
export async function loadArtPack(folder: string): Promise<ArtPack> {
  try {
    const index = artIndex.parse(await readJson(join(folder, 'art.json')))
    const extent = worldExtent.parse(await readJson(join(folder, 'extent.json')))
    const sprites = await loadSprites(folder, index)
    const [train, test] = await Promise.all([
      loadSplit(folder, index, extent, sprites, 'train'),
      loadSplit(folder, index, extent, sprites, 'test'),
    ])
    return { train, test }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new AppError(
      'media_unreadable',
      `the art pack in ${folder} cannot be read: ${reason}`,
      { file: folder, reason },
      { cause: thrown },
    )
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}

async function loadSprites(folder: string, { sprites }: ArtIndex): Promise<CellSheet> {
  const sheet = await readSheet(join(folder, sprites.file), 4)
  premultiply(sheet.data)
  return cellSheet(sheet, sprites.cell, sprites.columns, sprites.drawings.length)
}

/** Both splits draw the same things, in other poses (make-items.ts); fonts, photographs and unknown things are their own. */
async function loadSplit(
  folder: string,
  index: ArtIndex,
  extent: WorldExtent,
  sprites: CellSheet,
  split: WorldSplit,
): Promise<ArtSplit> {
  const [glyphSheet, photoSheet] = await Promise.all([
    readSheet(join(folder, index.glyphs[split].file), 1),
    readSheet(join(folder, index.photos[split].file), 3),
  ])
  const byName = new Map<WorldObject | 'unknown', number[]>()
  const isUsed = usedDrawings(index, extent)
  index.sprites.drawings.forEach(({ name, split: only = split }, at) => {
    if (only === split && isUsed[at]) byName.set(name, [...(byName.get(name) ?? []), at])
  })
  return {
    sprites,
    drawings: byName,
    glyphs: glyphsOf(glyphSheet, index, extent.fonts[split], split),
    photos: cellSheet(photoSheet, index.photos.cell, index.photos.columns, index.photos[split].count),
    photoCount: index.photos[split].count,
  }
}

/** Whether each drawing is within the extent of the world; drawings without a name always are. */
function usedDrawings({ sprites }: ArtIndex, { styles }: WorldExtent): boolean[] {
  const missing = styles.filter((style) => !sprites.drawings.some((drawn) => drawn.style === style))
  if (missing.length > 0) throw new RangeError(`expected drawings in style ${missing.join(', ')}, got none`)
  const seen = new Set<string>()
  return sprites.drawings.map(({ name, style }) => {
    if (name === 'unknown') return true
    const key = `${name}/${style}`
    if (!styles.includes(style) || seen.has(key)) return false
    seen.add(key)
    return true
  })
}

async function readSheet(path: string, channels: Sheet['channels']): Promise<Sheet> {
  const picture = sharp(path)
  const asked =
    channels === 4
      ? picture.ensureAlpha()
      : channels === 3
        ? picture.removeAlpha()
        : picture.toColourspace('b-w').removeAlpha()
  const { data, info } = await asked.raw().toBuffer({ resolveWithObject: true })
  if (info.channels !== channels) {
    throw new RangeError(`${path}: expected ${channels} channels, got ${info.channels}`)
  }
  // Out of the pool that small buffers share.
  return { width: info.width, height: info.height, channels, data: new Uint8Array(data) }
}

function cellSheet(sheet: Sheet, cell: number, columns: number, cells: number): CellSheet {
  if (sheet.width < columns * cell || sheet.height < Math.ceil(cells / columns) * cell) {
    throw new RangeError(`expected ${cells} cells of ${cell}, got a sheet of ${sheet.width}x${sheet.height}`)
  }
  return { ...sheet, cell, columns }
}

function glyphsOf(
  sheet: Sheet,
  { glyphs }: ArtIndex,
  used: readonly string[],
  split: WorldSplit,
): GlyphSheet {
  const { capital, baseline, row, characters } = glyphs
  const loaded = glyphs[split].fonts.map(({ name, places }, at) => {
    if (places.length !== characters.length || (at + 1) * row > sheet.height) {
      throw new RangeError(`${name}: expected ${characters.length} characters, got ${places.length}`)
    }
    return {
      name,
      top: at * row,
      glyphs: new Map(
        places.map(([x, width, left, advance], glyph) => [
          characters.charAt(glyph),
          { x, width, left, advance },
        ]),
      ),
    }
  })
  const fonts = loaded.filter(({ name }) => used.includes(name))
  if (fonts.length !== used.length) throw new RangeError(`expected the fonts ${used.join(', ')}`)
  return { ...sheet, capital, baseline, row, fonts }
}

function premultiply(rgba: Uint8Array): void {
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] as number
    if (alpha === 255) continue
    for (let channel = 0; channel < 3; channel += 1) {
      rgba[at + channel] = Math.round(((rgba[at + channel] as number) * alpha) / 255)
    }
  }
}
