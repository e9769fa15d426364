import { shorterSide, type Box, type Canvas } from './canvas'
import { rgbDistance, shadeOf, type Rgb } from './colors'
import type { ArtCounts } from './composition'
import { backgroundShades } from './make-background'
import { findPlace, type Placed } from './place-items'
import type { WorldRandom } from './random'
import {
  WORLD_COLORS,
  WORLD_OBJECTS,
  WORLD_SHAPES,
  type SceneBackground,
  type SceneItem,
  type WorldColor,
  type WorldObject,
  type WorldShape,
  type WorldSplit,
} from './scene'

/** Smallest longer side of a thing, in model pixels. */
export const SMALLEST_ITEM = 32

/** Longer side of a thing, 0…1 of the canvas's shorter side; of three things. */
const SIZES: readonly [number, number] = [0.27, 0.56]
const SIZES_OF_THREE: readonly [number, number] = [0.25, 0.42]

/** Least distance of a shape's shade from each shade behind it. */
export const LEAST_SHAPE_DISTANCE = 60

const SHAPE_SHARE = 0.26
/** Of pictures with several things: how many show several of one kind. */
const SAME_KIND_SHARE = 0.18
/** Of things: how many are drawings without a name, beside known ones. */
const UNKNOWN_ITEM_SHARE = 0.03

/** Turns of drawings in degrees, to either side. Both splits show the same drawings; the poses of one are not the other's. */
const TURNS: Readonly<Record<WorldSplit, readonly [number, number]>> = { train: [0, 10], test: [11, 17] }
const UNKNOWN_TURN = 10
const SHAPE_TURN = 12

export interface ItemsRequest {
  readonly canvas: Canvas
  readonly background: SceneBackground
  readonly caption: Box | undefined
  readonly count: number
  /** Only drawings without a name. */
  readonly unknownOnly?: boolean
}

/** Things apart from each other and clear of the caption; fewer than asked when there is no room. */
export function makeItems(
  random: WorldRandom,
  split: WorldSplit,
  art: ArtCounts,
  request: ItemsRequest,
): SceneItem[] {
  const { canvas, background, caption, count } = request
  const sameKind = count > 1 && random.chance(SAME_KIND_SHARE) ? anyName(random) : undefined
  const items: SceneItem[] = []
  const placed: Placed[] = []
  for (let wanted = 0; wanted < count; wanted += 1) {
    const isUnknown =
      art[split].unknown > 0 && (request.unknownOnly === true || random.chance(UNKNOWN_ITEM_SHARE))
    const look = isUnknown
      ? unknownLook(random, split, art)
      : makeLook(random, split, art, sameKind ?? anyName(random), background)
    const [low, high] = count > 2 ? SIZES_OF_THREE : SIZES
    const shorter = shorterSide(canvas)
    const least = Math.max(SMALLEST_ITEM, low * shorter)
    const size = random.between(least, Math.max(least, high * shorter))
    const { rotationDegrees } = look
    const place =
      findPlace(random, canvas, { size, rotationDegrees }, placed, caption) ??
      findPlace(random, canvas, { size: least, rotationDegrees }, placed, caption)
    if (place === undefined) continue
    placed.push(place)
    items.push(itemAt(look, place, canvas))
  }
  return items
}

export type ItemLook = Omit<SceneItem, 'x' | 'y' | 'size'>

export function itemAt(look: ItemLook, place: Placed, canvas: Canvas): SceneItem {
  return {
    ...look,
    x: place.x / canvas.width,
    y: place.y / canvas.height,
    size: place.size / shorterSide(canvas),
  }
}

/** An item's place in model pixels. */
export function placeOf(item: SceneItem, canvas: Canvas): Placed {
  return {
    x: item.x * canvas.width,
    y: item.y * canvas.height,
    size: item.size * shorterSide(canvas),
    rotationDegrees: item.rotationDegrees,
  }
}

/** Any object or shape. */
export function anyName(random: WorldRandom): WorldObject | WorldShape {
  return random.chance(SHAPE_SHARE) ? random.pick(WORLD_SHAPES) : random.pick(WORLD_OBJECTS)
}

/** Everything about a known thing except its place. A shape never has a colour of the background. */
export function makeLook(
  random: WorldRandom,
  split: WorldSplit,
  art: ArtCounts,
  name: WorldObject | WorldShape,
  background: SceneBackground,
): ItemLook {
  if (isShape(name)) {
    const { color, rgb } = shapeColor(random, background)
    const rotationDegrees = random.between(-SHAPE_TURN, SHAPE_TURN)
    return { kind: 'shape', name, color, rgb, drawing: 0, rotationDegrees, mirrored: false }
  }
  const drawing = random.int(art[split].drawings[name])
  const turn = random.between(...TURNS[split])
  const rotationDegrees = random.chance(0.5) ? turn : -turn
  return { kind: 'object', name, drawing, rotationDegrees, mirrored: random.chance(0.5) }
}

function unknownLook(random: WorldRandom, split: WorldSplit, art: ArtCounts): ItemLook {
  return {
    kind: 'unknown',
    name: 'unknown',
    drawing: random.int(art[split].unknown),
    rotationDegrees: random.between(-UNKNOWN_TURN, UNKNOWN_TURN),
    mirrored: random.chance(0.5),
  }
}

const SHAPE_NAMES: ReadonlySet<string> = new Set(WORLD_SHAPES)

function isShape(name: WorldObject | WorldShape): name is WorldShape {
  return SHAPE_NAMES.has(name)
}

function shapeColor(random: WorldRandom, background: SceneBackground): { color: WorldColor; rgb: Rgb } {
  const shades = backgroundShades(background)
  for (;;) {
    const color = random.pick(WORLD_COLORS)
    if (background.kind !== 'photo' && background.color === color) continue
    const rgb = shadeOf(random, color)
    if (shades.every((shade) => rgbDistance(shade, rgb) >= LEAST_SHAPE_DISTANCE)) return { color, rgb }
  }
}
