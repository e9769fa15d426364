import type { WorldRandom } from '../random'
import {
  WORLD_COLORS,
  WORLD_SHAPES,
  type Scene,
  type SceneBackground,
  type SceneItem,
  type WorldColor,
} from '../scene'
import {
  isMeant,
  isShapeName,
  joined,
  mentionOf,
  nameOf,
  NOTHING,
  sentence,
  severalOf,
  WORLD_NAMES,
  type Mention,
  type WorldName,
} from './mention'

/** Items of one kind in a scene. */
export interface Kind {
  readonly mention: Mention
  readonly count: number
}

/** What questions need to know of a scene. */
export interface SceneFacts {
  readonly scene: Scene
  /** Items with a name, from left to right. */
  readonly items: readonly SceneItem[]
  /** Kinds of these items, shapes with their colour, in the order of the leftmost of each. */
  readonly kinds: readonly Kind[]
  readonly hasUnknownItems: boolean
  /** Its readable text. */
  readonly text: string | undefined
  /** Neither a named thing nor any text, and no plain background: there is nothing to say. */
  readonly isKnown: boolean
}

export function factsOf(scene: Scene): SceneFacts {
  const items = scene.items.filter(({ kind }) => kind !== 'unknown').sort((a, b) => a.x - b.x)
  const { caption } = scene
  return {
    scene,
    items,
    kinds: kindsOf(items),
    hasUnknownItems: items.length < scene.items.length,
    text: caption === undefined || caption.unreadable === true ? undefined : caption.text,
    isKnown: items.length > 0 || caption !== undefined,
  }
}

function kindsOf(items: readonly SceneItem[]): Kind[] {
  const kinds: { mention: Mention; count: number }[] = []
  for (const item of items) {
    const mention = mentionOf(item)
    if (mention === undefined) continue
    const kind = kinds.find(
      ({ mention: { name, color } }) => name === mention.name && color === mention.color,
    )
    if (kind === undefined) kinds.push({ mention, count: 1 })
    else kind.count += 1
  }
  return kinds
}

export function countOf({ items }: { readonly items: readonly SceneItem[] }, mention: Mention): number {
  let count = 0
  for (const item of items) if (isMeant(item, mention)) count += 1
  return count
}

/** The only item that is meant; undefined when there is none or several. */
export function onlyItem(
  { items }: { readonly items: readonly SceneItem[] },
  mention: Mention,
): SceneItem | undefined {
  const meant = items.filter((item) => isMeant(item, mention))
  return meant.length === 1 ? meant[0] : undefined
}

/** `a dog and two red circles`; empty for nothing. */
export function listPhrase(kinds: readonly Kind[]): string {
  return joined(kinds.map(({ mention, count }) => severalOf(mention, count)))
}

/** `A dog and two red circles.`, or that there is nothing. */
export function listAnswer(kinds: readonly Kind[]): string {
  return kinds.length === 0 ? NOTHING : sentence(listPhrase(kinds))
}

/** Either what answers call it or, of a shape, sometimes its bare name, if this is as clear. */
export function looselyMentioned(random: WorldRandom, mention: Mention): Mention {
  return mention.color !== undefined && random.chance(0.4) ? { name: mention.name } : mention
}

const COUSINS: readonly (readonly WorldName[])[] = [
  ['dog', 'cat', 'rabbit', 'pig', 'cow', 'horse'],
  ['bird', 'duck', 'butterfly'],
  ['fish', 'frog', 'turtle'],
  ['apple', 'strawberry', 'lemon', 'banana', 'carrot'],
  ['pizza', 'cake'],
  ['car', 'bus', 'train', 'bicycle'],
  ['airplane', 'rocket', 'boat'],
  ['tree', 'flower', 'mushroom'],
  ['sun', 'moon', 'balloon', 'star'],
  ['book', 'hat', 'key', 'umbrella', 'bell', 'camera', 'guitar', 'house'],
]

/**
 * Something of the world that is not there. Half are hard to tell from what is: a cousin of something shown, its shape in
 * another colour.
 */
export function absentMention(
  random: WorldRandom,
  kinds: readonly Kind[],
  isThere: (mention: Mention) => boolean,
): Mention {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const mention =
      kinds.length > 0 && random.chance(0.5)
        ? nearMiss(random, random.pick(kinds).mention)
        : anyMention(random)
    if (!isThere(mention)) return mention
  }
  // Long videos may show nearly everything, though never every shape in every colour.
  for (const name of WORLD_SHAPES) {
    for (const color of WORLD_COLORS) if (!isThere({ name, color })) return { name, color }
  }
  throw new RangeError('expected something that is not shown, got everything')
}

function anyMention(random: WorldRandom): Mention {
  const name = random.pick(WORLD_NAMES)
  return isShapeName(name) && random.chance(0.5) ? { name, color: random.pick(WORLD_COLORS) } : { name }
}

function nearMiss(random: WorldRandom, mention: Mention): Mention {
  if (mention.color !== undefined) {
    return random.chance(0.5)
      ? { name: mention.name, color: random.pick(WORLD_COLORS) }
      : { name: random.pick(WORLD_SHAPES), color: mention.color }
  }
  return { name: random.pick(COUSINS.find((names) => names.includes(mention.name)) ?? WORLD_NAMES) }
}

/** The colour of a plain background. */
export function backgroundColor(background: SceneBackground): WorldColor | undefined {
  return background.kind === 'photo' ? undefined : background.color
}

/** `a blue background`, `a photograph`. */
export function backgroundPhrase(background: SceneBackground): string {
  return background.kind === 'photo'
    ? 'a photograph'
    : background.color === 'orange'
      ? 'an orange background'
      : `a ${background.color} background`
}

/** Whether something may be asked about this very thing: `the dog`. */
export function isNamedIn(kinds: readonly Kind[], { name, color }: Mention): boolean {
  return kinds.some(
    ({ mention }) => mention.name === name && (color === undefined || mention.color === color),
  )
}

export function keyOf(mention: Mention): string {
  return nameOf(mention)
}
