import { pluralOf, withArticle } from '../lexicon'
import {
  WORLD_OBJECTS,
  WORLD_SHAPES,
  type SceneItem,
  type WorldColor,
  type WorldObject,
  type WorldShape,
} from '../scene'

export type WorldName = WorldObject | WorldShape

/** What a question or an answer calls a thing: `dog`, `circle`, `red circle`. */
export interface Mention {
  readonly name: WorldName
  /** Of shapes, when the colour matters. */
  readonly color?: WorldColor
}

export const WORLD_NAMES: readonly WorldName[] = [...WORLD_OBJECTS, ...WORLD_SHAPES]

const SHAPES: ReadonlySet<string> = new Set(WORLD_SHAPES)

export function isShapeName(name: WorldName): name is WorldShape {
  return SHAPES.has(name)
}

/** What answers call an item: shapes always with their colour. Undefined: it has no name. */
export function mentionOf(item: SceneItem): Mention | undefined {
  if (item.name === 'unknown') return undefined
  return item.color === undefined ? { name: item.name } : { name: item.name, color: item.color }
}

export function isMeant(item: SceneItem, { name, color }: Mention): boolean {
  return item.name === name && (color === undefined || item.color === color)
}

/** `dog`, `red circle`. */
export function nameOf({ name, color }: Mention): string {
  return color === undefined ? name : `${color} ${name}`
}

/** `dogs`, `red circles`. */
export function namesOf({ name, color }: Mention): string {
  return color === undefined ? pluralOf(name) : `${color} ${pluralOf(name)}`
}

/** `a dog`, `an orange circle`. */
export function aOf(mention: Mention): string {
  return withArticle(nameOf(mention))
}

/** What phrasings may call a mention: {a} a dog, {the} the dog, {name} dog, {names} dogs. */
export function mentionSlots(mention: Mention): Readonly<Record<string, string>> {
  const name = nameOf(mention)
  return { a: withArticle(name), the: `the ${name}`, name, names: namesOf(mention) }
}

const MORE_THAN_ONE = ['', 'a', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const

/** `a dog`, `two dogs`; from ten on in digits. */
export function severalOf(mention: Mention, count: number): string {
  return count === 1 ? aOf(mention) : `${MORE_THAN_ONE[count] ?? count} ${namesOf(mention)}`
}

/** `a dog`, `a dog and a cat`, `a dog, a cat and a key`. */
export function joined(phrases: readonly string[]): string {
  const last = phrases.at(-1) ?? ''
  return phrases.length < 2 ? last : `${phrases.slice(0, -1).join(', ')} and ${last}`
}

/** A sentence of a phrase: first letter in upper case, a full stop behind. */
export function sentence(phrase: string): string {
  return `${capitalized(phrase)}.`
}

export function capitalized(phrase: string): string {
  return phrase.charAt(0).toUpperCase() + phrase.slice(1)
}

export const NOTHING = 'Nothing that I know.'
export const NOTHING_SENTENCE = 'I see nothing that I know.'
export const NO_TEXT = 'There is no text.'
export const CANNOT_READ = 'I cannot read the text.'

export function thereIsNo(mention: Mention): string {
  return `There is no ${nameOf(mention)}.`
}
