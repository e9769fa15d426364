import { canvasOf, type Canvas } from './canvas'
import type { ArtCounts, SplitCounts } from './composition'
import { makeBackground } from './make-background'
import { captionBox, makeCaption } from './make-caption'
import { makeEffects } from './make-effects'
import { makeItems } from './make-items'
import type { WorldRandom } from './random'
import type { Scene, SceneBackground, SceneCaption, WorldSplit } from './scene'

/** What is left out is drawn by lot. */
export interface SceneOptions {
  /** Width over height. */
  readonly aspect?: number
  /** Number of things to place; fewer when there is no room. */
  readonly items?: number
  readonly caption?: 'none' | 'readable' | 'unreadable'
  /** `false`: nothing has a name: a photograph, drawings without one, or a bare colour; never a caption. */
  readonly known?: boolean
  readonly background?: SceneBackground['kind']
}

/** Share of pictures in which nothing has a name, and what those are. */
const NOTHING_KNOWN_SHARE = 0.06
const NOTHING_KNOWN = { photo: 0.5, unknownThings: 0.35 }

const CAPTION_SHARE = 0.42
const UNREADABLE_SHARE = 0.05

const LETTERBOX_SHARE = 0.06
const LETTERBOX: readonly [number, number] = [0.06, 0.13]
const WIDEST_LETTERBOXED = 1.5

/** 1:1, 4:3, 3:2, 16:9, 9:16, as often as they stand here. */
const ASPECTS: readonly number[] = [
  ...[1, 1, 1, 1],
  ...[4 / 3, 4 / 3, 4 / 3],
  ...[3 / 2, 3 / 2],
  ...[16 / 9, 16 / 9, 16 / 9, 16 / 9],
  ...[9 / 16, 9 / 16],
]

/** Sums of shares of 0, 1 and 2 things. */
const ITEM_SHARES: readonly number[] = [0.05, 0.47, 1]
const ITEM_SHARES_WITH_CAPTION: readonly number[] = [0.15, 0.65, 1]

/** One picture. The same state of `random`, split, art and options give the same scene. */
export function makeScene(
  random: WorldRandom,
  split: WorldSplit,
  art: ArtCounts,
  options: SceneOptions = {},
): Scene {
  const counts = art[split]
  const aspect = options.aspect ?? random.pick(ASPECTS)
  const isKnown = options.known ?? (asksForThings(options) || !random.chance(NOTHING_KNOWN_SHARE))
  if (!isKnown) return nothingKnown(random, split, art, aspect)
  const background = makeBackground(random, counts, options.background)
  const caption = maybeCaption(random, counts, aspect, background, options.caption)
  const canvas = canvasOf(aspect, maybeLetterbox(random, aspect, caption))
  const box = caption && captionBox(caption, counts.fontAdvances[caption.font] ?? 1, canvas)
  const count = options.items ?? itemCount(random, caption !== undefined)
  const items = makeItems(random, split, art, { canvas, background, caption: box, count })
  const effects = makeEffects(random, background, canvas, caption)
  return { split, aspect, background, items, ...(caption ? { caption } : {}), effects }
}

function asksForThings(options: SceneOptions): boolean {
  return options.items !== undefined || (options.caption !== undefined && options.caption !== 'none')
}

function nothingKnown(random: WorldRandom, split: WorldSplit, art: ArtCounts, aspect: number): Scene {
  const kind = random.next()
  const counts = art[split]
  const hasThings = kind >= NOTHING_KNOWN.photo && kind < NOTHING_KNOWN.photo + NOTHING_KNOWN.unknownThings
  const background = makeBackground(
    random,
    counts,
    kind < NOTHING_KNOWN.photo ? 'photo' : hasThings ? undefined : random.chance(0.5) ? 'flat' : 'gradient',
  )
  const canvas = canvasOf(aspect)
  const count = hasThings && counts.unknown > 0 ? 1 + random.int(2) : 0
  const items = makeItems(random, split, art, {
    canvas,
    background,
    caption: undefined,
    count,
    unknownOnly: true,
  })
  return { split, aspect, background, items, effects: makeEffects(random, background, canvas, undefined) }
}

function maybeCaption(
  random: WorldRandom,
  counts: SplitCounts,
  aspect: number,
  background: SceneBackground,
  wanted: SceneOptions['caption'],
): SceneCaption | undefined {
  const share = random.next()
  const kind =
    wanted ??
    (share < CAPTION_SHARE ? 'readable' : share < CAPTION_SHARE + UNREADABLE_SHARE ? 'unreadable' : 'none')
  if (kind === 'none' || counts.fontAdvances.length === 0) return undefined
  return makeCaption(random, {
    canvas: canvasOf(aspect),
    background,
    fontAdvances: counts.fontAdvances,
    unreadable: kind === 'unreadable',
  })
}

/** Black bars; never behind letters without a plate, which were matched to the background only. */
function maybeLetterbox(random: WorldRandom, aspect: number, caption: SceneCaption | undefined): number {
  if (aspect > WIDEST_LETTERBOXED || !random.chance(LETTERBOX_SHARE)) return 0
  return caption === undefined || caption.plate !== undefined ? random.between(...LETTERBOX) : 0
}

function itemCount(random: WorldRandom, hasCaption: boolean): number {
  const share = random.next()
  return (hasCaption ? ITEM_SHARES_WITH_CAPTION : ITEM_SHARES).findIndex((sum) => share < sum)
}

/** The canvas of a scene, its bars included. */
export function canvasOfScene(scene: Scene): Canvas {
  return canvasOf(scene.aspect, scene.effects.letterbox)
}
