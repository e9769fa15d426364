import { tileLayout, type Rectangle, type Tile, type TileLayout } from '../media/tile-layout'
import { halfExtent, MODEL_SIDE, type Box, type Canvas } from './canvas'
import type { ArtCounts, SheetTile, WorldSheet } from './composition'
import { makeBackground } from './make-background'
import { mixRgb } from './colors'
import { captionBox, makeCaption } from './make-caption'
import { anyName, itemAt, makeLook, placeOf, SMALLEST_ITEM } from './make-items'
import { isFree, type Placed } from './place-items'
import { createRandom, type WorldRandom } from './random'
import type { Scene, SceneBackground, SceneCaption, SceneEffects, SceneItem, WorldSplit } from './scene'

const FEWEST_TILES = 2
const MOST_TILES = 4
const MOST_THINGS = 5

/** Longest side of a thing, in pixels of the sheet. */
const LARGEST_THING = 64

/** Most pixels by which the picture is narrower or lower than its tiles: even, so that no tile is cut short. */
const MOST_MISSING = 96
const EXACT_SHARE = 0.4

const CAPTION_SHARE = 0.3
const ATTEMPTS = 40

/** A large picture for 2×2 to 4×4 tiles of the model's size. The same arguments give the same sheet. */
export function makeSheet(seed: number, index: number, split: WorldSplit, art: ArtCounts): WorldSheet {
  const random = createRandom('sheet', seed, index, split)
  const width = sheetLength(random)
  const height = sheetLength(random)
  const layout = tileLayout(width, height, MODEL_SIDE)
  const canvas = { width, height, bar: 0 }
  const background = makeBackground(random, art[split])
  const caption = random.chance(CAPTION_SHARE)
    ? captionInTile(random, split, art, layout, background, canvas)
    : undefined
  const box = caption && captionBox(caption, art[split].fontAdvances[caption.font] ?? 1, canvas)
  const items: SceneItem[] = []
  const wanted = 1 + random.int(MOST_THINGS)
  for (let thing = 0; thing < wanted; thing += 1) {
    const look = makeLook(random, split, art, anyName(random), background)
    const others = items.map((item) => placeOf(item, canvas))
    const place = placeInTile(random, layout, canvas, look.rotationDegrees, others, box)
    if (place !== undefined) items.push(itemAt(look, place, canvas))
  }
  const effects = plainEffects(random.int(2 ** 31))
  const scene: Scene = {
    split,
    aspect: width / height,
    background,
    items,
    ...(caption ? { caption } : {}),
    effects,
  }
  return cutSheet(scene, width, height)
}

/**
 * A picture of this size in pixels with its tiles.
 * @param scene its aspect is width / height, and each thing lies wholly inside one tile
 */
export function cutSheet(scene: Scene, width: number, height: number): WorldSheet {
  const layout = tileLayout(width, height, MODEL_SIDE)
  const canvas = { width, height, bar: 0 }
  return { width, height, scene, layout, tiles: layout.tiles.map((tile) => tileOf(tile, scene, canvas)) }
}

function sheetLength(random: WorldRandom): number {
  const tiles = FEWEST_TILES + random.int(MOST_TILES - FEWEST_TILES + 1)
  const missing = random.chance(EXACT_SHARE) ? 0 : 2 * random.int(MOST_MISSING / 2 + 1)
  return tiles * MODEL_SIDE - missing
}

/** Tiles and wholes are scaled differently; effects in pixels of one would be others in the other. */
function plainEffects(noiseSeed: number): SceneEffects {
  return { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed }
}

function placeInTile(
  random: WorldRandom,
  layout: TileLayout,
  canvas: Canvas,
  rotationDegrees: number,
  others: readonly Placed[],
  caption: Box | undefined,
): Placed | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { inPicture } = random.pick(layout.tiles)
    const size = random.between(SMALLEST_ITEM, attempt < ATTEMPTS / 2 ? LARGEST_THING : SMALLEST_ITEM)
    const half = halfExtent(size, rotationDegrees)
    if (half * 2 > Math.min(inPicture.width, inPicture.height)) continue
    const place = {
      x: inPicture.left + random.between(half, inPicture.width - half),
      y: inPicture.top + random.between(half, inPicture.height - half),
      size,
      rotationDegrees,
    }
    if (isFree(place, canvas, others, caption)) return place
  }
  return undefined
}

/** A caption that fits the picture's part of one tile, in places of the sheet. */
function captionInTile(
  random: WorldRandom,
  split: WorldSplit,
  art: ArtCounts,
  layout: TileLayout,
  background: SceneBackground,
  canvas: Canvas,
): SceneCaption | undefined {
  const { fontAdvances } = art[split]
  if (fontAdvances.length === 0) return undefined
  const { left, top, width, height } = random.pick(layout.tiles).inPicture
  const caption = makeCaption(random, {
    canvas: { width, height, bar: 0 },
    background,
    fontAdvances,
    unreadable: false,
  })
  return {
    ...caption,
    x: (left + caption.x * width) / canvas.width,
    y: (top + caption.y * height) / canvas.height,
    height: (caption.height * width) / canvas.width,
  }
}

function tileOf(tile: Tile, sheet: Scene, canvas: Canvas): SheetTile {
  const { row, column, inPicture, offset } = tile
  // Where pixel 0 of the tile lies in the picture.
  const left = inPicture.left - offset.left
  const top = inPicture.top - offset.top
  const toTile = (x: number, y: number) => ({
    x: (x * canvas.width - left) / MODEL_SIDE,
    y: (y * canvas.height - top) / MODEL_SIDE,
  })
  const items = sheet.items
    .filter((item) => isInside(inPicture, item.x * canvas.width, item.y * canvas.height))
    .map((item) => ({
      ...item,
      ...toTile(item.x, item.y),
      size: placeOf(item, canvas).size / MODEL_SIDE,
    }))
  const caption = captionOfTile(sheet.caption, inPicture, canvas, toTile)
  const scene: Scene = {
    split: sheet.split,
    aspect: 1,
    background: backgroundOfTile(sheet.background, left, top, canvas),
    items,
    ...(caption ? { caption } : {}),
    effects: plainEffects(sheet.effects.noiseSeed + row * MOST_TILES + column + 1),
  }
  const margin = {
    left: offset.left / MODEL_SIDE,
    top: offset.top / MODEL_SIDE,
    right: (MODEL_SIDE - offset.left - inPicture.width) / MODEL_SIDE,
    bottom: (MODEL_SIDE - offset.top - inPicture.height) / MODEL_SIDE,
  }
  return { row, column, scene, margin }
}

function captionOfTile(
  caption: SceneCaption | undefined,
  inPicture: Rectangle,
  canvas: Canvas,
  toTile: (x: number, y: number) => { readonly x: number; readonly y: number },
): SceneCaption | undefined {
  if (caption === undefined) return undefined
  if (!isInside(inPicture, caption.x * canvas.width, caption.y * canvas.height)) return undefined
  return {
    ...caption,
    ...toTile(caption.x, caption.y),
    height: (caption.height * canvas.width) / MODEL_SIDE,
  }
}

function isInside(area: Rectangle, x: number, y: number): boolean {
  return x >= area.left && x < area.left + area.width && y >= area.top && y < area.top + area.height
}

/** The part of the background behind a tile whose first pixel is at (left, top) of the picture. */
function backgroundOfTile(
  background: SceneBackground,
  left: number,
  top: number,
  canvas: Canvas,
): SceneBackground {
  if (background.kind === 'flat') return background
  if (background.kind === 'gradient') {
    const at = (y: number) =>
      mixRgb(background.from, background.to, Math.min(1, Math.max(0, y / canvas.height)))
    return { ...background, from: at(top), to: at(top + MODEL_SIDE) }
  }
  // Beyond the picture lies the white margin, so a crop may be moved inside the photograph.
  const perPixel = background.scale / Math.max(canvas.width, canvas.height)
  const scale = MODEL_SIDE * perPixel
  const inside = (start: number) => Math.min(1 - scale, Math.max(0, start))
  return {
    ...background,
    left: inside(background.left + left * perPixel),
    top: inside(background.top + top * perPixel),
    scale,
  }
}
