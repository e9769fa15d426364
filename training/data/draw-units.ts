import type { ArtCounts, SheetTile } from '../../app/domain/world/composition'
import { makeClip } from '../../app/domain/world/make-clip'
import { PLATE_HEIGHT } from '../../app/domain/world/draw/lay-out-caption'
import { makeEffects } from '../../app/domain/world/make-effects'
import { makeLook } from '../../app/domain/world/make-items'
import { canvasOfScene, makeScene } from '../../app/domain/world/make-scene'
import { makeSheet } from '../../app/domain/world/make-sheet'
import { createRandom, type WorldRandom } from '../../app/domain/world/random'
import {
  WORLD_OBJECTS,
  WORLD_SHAPES,
  type Scene,
  type SceneCaption,
  type SceneItem,
  type WorldSplit,
} from '../../app/domain/world/scene'
import type { DrawKind } from './draw-record'
import { makeStill } from './still-source'

/** A frame to be drawn; `tile` when it is a tile of a large picture. */
export interface DrawnFrame {
  readonly scene: Scene
  readonly tile?: SheetTile
  /** More lines of text than a scene has, under its effects; only on square canvases. */
  readonly lines?: readonly SceneCaption[]
}

/** Sums of shares of `mixed`: frames of clips, tiles, whole views, frames with nothing known, pages of text; the rest is made crowded. */
const CLIPS = 0.25
const TILES = 0.37
const WHOLES = 0.41
const NOTHING_KNOWN = 0.47
const PAGES = 0.67

/** Lines of a page. Letters are learnt slowest, and a scene has one line at most. */
const PAGE_LINES = [3, 4, 5] as const

/** Share of pages in `figures`; the rest is as `mixed`. Share of their lines that have digits for letters. */
const FIGURES_PAGES = 0.55
const FIGURES_SHARE = 0.65

/** Sums of shares of `review`: pages like those of `figures`, stills as they will be asked about, crowded frames; the rest is as `mixed`. */
const REVIEW_PAGES = 0.3
const REVIEW_STILLS = 0.55
const REVIEW_CROWDS = 0.75

/** Sums of shares of `primer`: pages, shelves; the rest is as `mixed`. */
const PRIMER_PAGES = 0.4
const PRIMER_SHELVES = 0.8

/** Places along each side of a shelf, how many are filled, sizes (0…1 of the picture), how far things stand off. */
const SHELF_SIDE = 3
const SHELF_FILLED = 0.8
const SHELF_SIZES = [0.2, 0.33] as const
const SHELF_JITTER = 0.08
const SHELF_OBJECTS = 0.8

/** Things and captions of crowded frames: the more there is to name in a frame, the more is learnt from it. */
const CROWD: readonly number[] = [1, 2, 3, 4, 6, 8]
const CROWD_CAPTION_SHARE = 0.7

/** The frames of unit `index` of a kind. */
export function framesOf(
  kind: DrawKind,
  seed: number,
  index: number,
  split: WorldSplit,
  art: ArtCounts,
): DrawnFrame[] {
  if (kind === 'clips') return makeClip(seed, index, split, art).map((scene) => ({ scene }))
  if (kind === 'stills') return [{ scene: makeStill(seed, index, split, art) }]
  if (kind === 'mixed') return [mixedFrame(seed, index, split, art)]
  if (kind === 'primer') return [primerFrame(seed, index, split, art)]
  if (kind === 'figures') return [figuresFrame(seed, index, split, art)]
  if (kind === 'review') return [reviewFrame(seed, index, split, art)]
  const { scene, tiles } = makeSheet(seed, index, split, art)
  return [{ scene }, ...tiles.map((tile) => ({ scene: tile.scene, tile }))]
}

function mixedFrame(seed: number, index: number, split: WorldSplit, art: ArtCounts): DrawnFrame {
  const random = createRandom('draw', seed, index, split)
  const share = random.next()
  if (share < CLIPS) {
    const clip = makeClip(random.int(2 ** 31), index, split, art)
    return { scene: random.pick(clip) }
  }
  if (share < WHOLES) {
    const { scene, tiles } = makeSheet(random.int(2 ** 31), index, split, art)
    if (share >= TILES) return { scene }
    const tile = pickTile(random, tiles)
    return { scene: tile.scene, tile }
  }
  if (share < NOTHING_KNOWN) return { scene: makeScene(random, split, art, { known: false }) }
  if (share < PAGES) return pageOfText(random, split, art)
  return crowdedFrame(random, split, art)
}

function crowdedFrame(random: WorldRandom, split: WorldSplit, art: ArtCounts): DrawnFrame {
  const items = random.pick(CROWD)
  const caption = random.chance(CROWD_CAPTION_SHARE) ? 'readable' : 'none'
  return { scene: makeScene(random, split, art, { items, caption }) }
}

/**
 * What a tower learns from first: frames as full as they can be, and some as they will be met, lest it learn that there
 * is a thing in every third of a picture.
 */
function primerFrame(seed: number, index: number, split: WorldSplit, art: ArtCounts): DrawnFrame {
  const random = createRandom('primer', seed, index, split)
  const share = random.next()
  if (share < PRIMER_PAGES) return pageOfText(random, split, art)
  if (share < PRIMER_SHELVES) return shelfOfThings(random, split, art)
  return mixedFrame(seed, index, split, art)
}

/** Up to nine things, three by three: as many as cells can hold without two in one. */
function shelfOfThings(random: WorldRandom, split: WorldSplit, art: ArtCounts): DrawnFrame {
  const scene = makeScene(random, split, art, { aspect: 1, items: 0, caption: 'none', known: true })
  const place = (index: number) => (index + 0.5 + random.between(-SHELF_JITTER, SHELF_JITTER)) / SHELF_SIDE
  const items = Array.from({ length: SHELF_SIDE * SHELF_SIDE }, (_, index): SceneItem[] => {
    if (!random.chance(SHELF_FILLED)) return []
    const name = random.chance(SHELF_OBJECTS) ? random.pick(WORLD_OBJECTS) : random.pick(WORLD_SHAPES)
    const look = makeLook(random, split, art, name, scene.background)
    const column = index % SHELF_SIDE
    const size = random.between(...SHELF_SIZES)
    return [{ ...look, x: place(column), y: place((index - column) / SHELF_SIDE), size }]
  }).flat()
  return { scene: { ...scene, items } }
}

/** Digits are few among the characters of captions, and no word helps to guess them: pages with many more. */
function figuresFrame(seed: number, index: number, split: WorldSplit, art: ArtCounts): DrawnFrame {
  const random = createRandom('figures', seed, index, split)
  if (random.chance(FIGURES_PAGES)) return pageOfText(random, split, art, FIGURES_SHARE)
  return mixedFrame(seed, index, split, art)
}

/** What a tower learns from last: as many full pictures as pages, lest it sees things in none, and pictures as they will be met. */
function reviewFrame(seed: number, index: number, split: WorldSplit, art: ArtCounts): DrawnFrame {
  const random = createRandom('review', seed, index, split)
  const share = random.next()
  if (share < REVIEW_PAGES) return pageOfText(random, split, art, FIGURES_SHARE)
  if (share < REVIEW_STILLS) return { scene: makeStill(random.int(2 ** 31), index, split, art) }
  if (share < REVIEW_CROWDS) return crowdedFrame(random, split, art)
  return mixedFrame(seed, index, split, art)
}

/** A flat picture full of text, one line under the other. figures: share of lines with digits for letters. */
function pageOfText(random: WorldRandom, split: WorldSplit, art: ArtCounts, figures = 0): DrawnFrame {
  const options = { aspect: 1, items: 0, caption: 'readable' } as const
  const scene = makeScene(random, split, art, options)
  const count = random.pick(PAGE_LINES)
  const lines = Array.from({ length: count }, (_, index): SceneCaption[] => {
    const { caption } = makeScene(random, split, art, options)
    if (caption === undefined) return []
    // Chosen for another background: a plate keeps it legible.
    const plate = caption.plate ?? (isLight(caption.color) ? BLACK : WHITE)
    const height = Math.min(caption.height, 1 / count / PLATE_HEIGHT)
    const room = 1 / count - height * PLATE_HEIGHT
    const y = (index + 0.5) / count + random.between(-0.5, 0.5) * room
    const text = random.chance(figures) ? withDigits(random, caption.text) : caption.text
    return [{ ...caption, text, drawn: text === caption.text ? caption.drawn : text, plate, height, y }]
  }).flat()
  const { aspect, background, items } = scene
  const smallest = lines.toSorted((a, b) => a.height - b.height)[0]
  const effects = makeEffects(random, background, canvasOfScene(scene), smallest)
  return { scene: { split, aspect, background, items, effects }, lines }
}

function withDigits(random: WorldRandom, text: string): string {
  return text.replace(/[A-Z]/g, () => String(random.int(10)))
}

const BLACK = [0, 0, 0] as const
const WHITE = [255, 255, 255] as const

function isLight([red, green, blue]: SceneCaption['color']): boolean {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128
}

/** Most tiles are empty: those that show something are three times as likely. */
function pickTile(random: WorldRandom, tiles: readonly SheetTile[]): SheetTile {
  const full = tiles.filter(({ scene }) => scene.items.length > 0 || scene.caption !== undefined)
  return random.pick(full.length > 0 && random.chance(0.75) ? full : tiles)
}
