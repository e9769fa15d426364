import type { WorldRandom } from '../random'
import type { SceneItem } from '../scene'
import { canvasOf, shorterSide } from '../canvas'
import { IMAGE_PHRASES } from './image-phrases'
import { aOf, capitalized, mentionOf, mentionSlots, nameOf, NOTHING, sentence, type Mention } from './mention'
import type { Draft } from './phrasing'
import {
  DIRECTIONS,
  isPlainly,
  otherPlacePhrases,
  placePhrase,
  rowOfZone,
  ZONES,
  zoneOf,
  type Direction,
  type Zone,
} from './places'
import { onlyItem, type SceneFacts } from './scene-facts'

/** How many times longer one thing must be to be plainly larger. */
const LARGER = 1.3

const EMPTY_SHARE = 0.2

/** A thing that a question can name without doubt. */
export interface Nameable {
  readonly mention: Mention
  readonly item: SceneItem
}

/** The items whose kind occurs once, shapes by their bare name where that is as clear. */
export function nameables(random: WorldRandom, facts: SceneFacts): Nameable[] {
  return facts.items.flatMap((item) => {
    const mention = mentionOf(item)
    if (mention === undefined || onlyItem(facts, mention) === undefined) return []
    const isBareClear = onlyItem(facts, { name: mention.name }) !== undefined
    return [{ item, mention: isBareClear && random.chance(0.4) ? { name: mention.name } : mention }]
  })
}

export function whereDraft(random: WorldRandom, facts: SceneFacts): Draft | undefined {
  const { caption } = facts.scene
  const things = nameables(random, facts)
  if (facts.text !== undefined && caption !== undefined && random.chance(1 / (things.length + 2))) {
    const zone = zoneOf(caption)
    return zone && placeDraft('the text', zone)
  }
  const clear = things.filter(({ item }) => zoneOf(item) !== undefined)
  if (clear.length === 0) return undefined
  const { mention, item } = random.pick(clear)
  const zone = zoneOf(item)
  return zone && placeDraft(`the ${nameOf(mention)}`, zone)
}

/** @param the `the dog`, `the text` */
export function placeDraft(the: string, zone: Zone): Draft {
  const place = placePhrase(zone)
  return {
    task: 'where',
    key: `where ${the}`,
    phrasings: IMAGE_PHRASES.where,
    slots: { the },
    answer: sentence(place),
    sentence: `${capitalized(the)} is ${place}.`,
    accepted: [...otherPlacePhrases(zone), `It is ${place}.`],
  }
}

/** The one thing in a zone, or that there is none. Nothing may reach in from elsewhere, no text stand beside. */
export function atDraft(random: WorldRandom, facts: SceneFacts): Draft | undefined {
  const { scene, items } = facts
  const captionRow = scene.caption && Math.min(2, Math.floor(scene.caption.y * 3))
  const isFree = (zone: Zone) => captionRow === undefined || rowOfZone(zone) !== captionRow
  if (items.length === 0 || random.chance(EMPTY_SHARE)) {
    if (items.length === 0 && !random.chance(EMPTY_SHARE)) return undefined
    const zone = random.pick(ZONES)
    return isFree(zone) && isEmptyZone(facts, zone) ? atDraftOf(zone, undefined) : undefined
  }
  const item = random.pick(items)
  const zone = zoneOf(item)
  if (zone === undefined || !isFree(zone)) return undefined
  const isAlone = scene.items.every(
    (other) => other === item || (zoneOf(other) !== undefined && zoneOf(other) !== zone),
  )
  return isAlone ? atDraftOf(zone, mentionOf(item)) : undefined
}

function atDraftOf(zone: Zone, mention: Mention | undefined): Draft {
  const place = placePhrase(zone)
  return {
    task: 'what-at',
    key: `what-at ${zone}`,
    phrasings: IMAGE_PHRASES.at,
    slots: { in: place },
    answer: mention === undefined ? NOTHING : sentence(aOf(mention)),
    ...(mention === undefined
      ? { accepted: ['Nothing.', `There is nothing ${place}.`] }
      : { sentence: `There is ${aOf(mention)} ${place}.`, accepted: [`${nameOf(mention)}.`] }),
  }
}

/** Whether no item's box reaches into a zone. */
function isEmptyZone({ scene }: SceneFacts, zone: Zone): boolean {
  const canvas = canvasOf(scene.aspect)
  const column = ZONES.indexOf(zone) % 3
  const row = rowOfZone(zone)
  return scene.items.every(({ x, y, size }) => {
    const half = (size * shorterSide(canvas)) / 2
    const [halfX, halfY] = [half / canvas.width, half / canvas.height]
    return (
      x + halfX < column / 3 ||
      x - halfX > (column + 1) / 3 ||
      y + halfY < row / 3 ||
      y - halfY > (row + 1) / 3
    )
  })
}

const BESIDE_SHARE = 0.35

/** Yes or no, or which thing it is where there are only two. */
export function relationDraft(random: WorldRandom, facts: SceneFacts): Draft | undefined {
  const [first, second] = random.shuffle(nameables(random, facts))
  if (first === undefined || second === undefined) return undefined
  const direction = random.pick(DIRECTIONS)
  const isSo = isPlainly(first.item, direction, second.item)
  const isOpposite = isPlainly(second.item, direction, first.item)
  if (!isSo && !isOpposite) return undefined
  if (facts.scene.items.length === 2 && random.chance(BESIDE_SHARE)) {
    return isSo ? besideDraft(first, direction, second) : besideDraft(second, direction, first)
  }
  const [the, other] = [`the ${nameOf(first.mention)}`, `the ${nameOf(second.mention)}`]
  return {
    task: 'relation',
    key: `relation ${the} ${direction} ${other}`,
    phrasings: IMAGE_PHRASES.relation,
    slots: { the, direction, other },
    answer: isSo ? 'Yes.' : 'No.',
    sentence: isSo ? `Yes, ${the} is ${direction} ${other}.` : `No, ${the} is not ${direction} ${other}.`,
  }
}

function besideDraft(thing: Nameable, direction: Direction, anchor: Nameable): Draft {
  const mention = mentionOf(thing.item) ?? thing.mention
  return {
    task: 'relation',
    key: `relation ${direction} ${nameOf(anchor.mention)}`,
    phrasings: IMAGE_PHRASES.beside,
    slots: { ...mentionSlots(anchor.mention), direction },
    answer: sentence(aOf(mention)),
    sentence: `${capitalized(aOf(mention))} is ${direction} the ${nameOf(anchor.mention)}.`,
    accepted: [`${nameOf(thing.mention)}.`],
  }
}

export function largestDraft(random: WorldRandom, facts: SceneFacts): Draft | undefined {
  const bySize = [...facts.scene.items].sort((a, b) => b.size - a.size)
  if (bySize.length < 2) return undefined
  return random.chance(0.3) ? comparedDraft(random, facts) : extremeDraft(random, bySize)
}

function extremeDraft(random: WorldRandom, bySize: readonly SceneItem[]): Draft | undefined {
  const asksSmallest = random.chance(0.35)
  const [first, second] = asksSmallest ? [bySize.at(-1), bySize.at(-2)] : bySize
  if (first === undefined || second === undefined) return undefined
  const ratio = asksSmallest ? second.size / first.size : first.size / second.size
  const mention = mentionOf(first)
  if (ratio < LARGER || mention === undefined) return undefined
  const extreme = random.pick(asksSmallest ? ['smallest'] : ['largest', 'biggest'])
  return {
    task: 'largest',
    key: `largest ${extreme}`,
    phrasings: IMAGE_PHRASES.extreme,
    slots: { extreme },
    answer: sentence(aOf(mention)),
    sentence: `The ${extreme} object is ${aOf(mention)}.`,
    accepted: [`${mention.name}.`],
  }
}

function comparedDraft(random: WorldRandom, facts: SceneFacts): Draft | undefined {
  const [first, second] = random.shuffle(nameables(random, facts))
  if (first === undefined || second === undefined) return undefined
  const ratio = first.item.size / second.item.size
  if (ratio < LARGER && 1 / ratio < LARGER) return undefined
  const extreme = random.pick(['larger', 'bigger', 'smaller'])
  const isFirst = ratio > 1 === (extreme !== 'smaller')
  const answer = `the ${nameOf((isFirst ? first : second).mention)}`
  const [the, other] = [`the ${nameOf(first.mention)}`, `the ${nameOf(second.mention)}`]
  return {
    task: 'largest',
    key: `largest ${the} ${other}`,
    phrasings: IMAGE_PHRASES.larger,
    slots: { the, other, extreme },
    answer: sentence(answer),
    sentence: sentence(`${answer} is ${extreme}`),
  }
}
