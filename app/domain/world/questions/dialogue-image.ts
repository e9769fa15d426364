import type { WorldRandom } from '../random'
import { DIALOGUE_PHRASES } from './dialogue-phrases'
import { backgroundDraftOf, readDraftOf } from './image-looks'
import { IMAGE_PHRASES } from './image-phrases'
import { absentDraftOf, countDraftOf, listDraft, noTextDraft, presenceOf } from './image-questions'
import { atDraft, largestDraft, placeDraft } from './image-space'
import { aOf, mentionOf, nameOf, sentence, type Mention } from './mention'
import type { Draft } from './phrasing'
import { DIRECTIONS, isPlainly, zoneOf } from './places'
import { absentMention, countOf, isNamedIn, onlyItem, type SceneFacts } from './scene-facts'
import { nothingDraft, unreadableDraftOf } from './unknown-drafts'

export type Turns = readonly [Draft, Draft, Draft]

/** The same draft, asked with a reference to what was said before. */
export function referring(draft: Draft, phrasings: readonly string[]): Draft {
  return { ...draft, task: 'reference', phrasings }
}

/** Three turns about one picture. */
export function imageTurns(random: WorldRandom, facts: SceneFacts): Turns {
  const plans = random.shuffle([thingPlan, thingPlan, thingPlan, textPlan, countPlan, absentPlan, laterPlan])
  for (const plan of plans) {
    const turns = plan(random, facts)
    if (turns !== undefined) return turns
  }
  return nothingPlan(random, facts)
}

/** A thing that "it" can mean: the only one of its kind, in a plain place. */
function pickThing(random: WorldRandom, facts: SceneFacts): Mention | undefined {
  const things = facts.kinds.filter(({ mention }) => {
    const item = onlyItem(facts, mention)
    return item !== undefined && zoneOf(item) !== undefined
  })
  return things.length === 0 ? undefined : random.pick(things).mention
}

/** One thing is brought up; its place; then its colour, its neighbour, or something else. */
function thingPlan(random: WorldRandom, facts: SceneFacts): Turns | undefined {
  const mention = pickThing(random, facts)
  const where = mention && whereIsIt(facts, mention)
  if (mention === undefined || where === undefined) return undefined
  return [broughtUp(random, facts, mention), where, further(random, facts, mention)]
}

/** A question whose answer is about this thing alone. */
function broughtUp(random: WorldRandom, facts: SceneFacts, mention: Mention): Draft {
  const isAlone = facts.items.length === 1
  const candidates: (Draft | undefined)[] = [
    presenceOf(mention, true),
    isAlone ? listDraft(random, facts) : undefined,
    about(mention, atDraft(random, facts)),
    about(mention, largestDraft(random, facts)),
  ]
  return random.pick(candidates.filter((draft) => draft !== undefined))
}

function about(mention: Mention, draft: Draft | undefined): Draft | undefined {
  return draft?.answer === sentence(aOf(mention)) ? draft : undefined
}

export function whereIsIt(
  facts: SceneFacts,
  mention: Mention,
  phrasings: readonly string[] = DIALOGUE_PHRASES.whereIsIt,
): Draft | undefined {
  const item = onlyItem(facts, mention)
  const zone = item && zoneOf(item)
  return zone && referring(placeDraft(`the ${nameOf(mention)}`, zone), phrasings)
}

function further(random: WorldRandom, facts: SceneFacts, mention: Mention): Draft {
  const drafts = [
    isThereAlso(random, facts, mention),
    referring(backgroundDraftOf(facts.scene), DIALOGUE_PHRASES.background),
    besideIt(random, facts, mention),
    textAfterwards(facts),
  ].filter((draft) => draft !== undefined)
  return random.pick(drafts)
}

/** Asks for the text where the turns before were about something else. */
function textAfterwards({ text, scene }: SceneFacts): Draft {
  const phrasings = ['And what does the text say?', ...IMAGE_PHRASES.read.slice(0, 4)]
  if (text !== undefined) return referring(readDraftOf(text), phrasings)
  return referring(scene.caption === undefined ? noTextDraft() : unreadableDraftOf(phrasings), phrasings)
}

/** Yes or no, as likely; never what was asked already. */
export function isThereAlso(
  random: WorldRandom,
  { kinds }: Pick<SceneFacts, 'kinds'>,
  asked: Mention | readonly Mention[],
): Draft {
  const isAsked = (mention: Mention) => [asked].flat().some((other) => nameOf(other) === nameOf(mention))
  const others = kinds.filter(({ mention }) => !isAsked(mention))
  // Where nothing else is there "no" is the only answer; elsewhere "yes" makes up for it.
  const isThere = others.length > 0 && random.chance(0.65)
  const mention = isThere
    ? random.pick(others).mention
    : absentMention(random, kinds, (other) => isAsked(other) || isNamedIn(kinds, other))
  return referring(presenceOf(mention, isThere), DIALOGUE_PHRASES.also)
}

/** The only other thing, on the side where it is. */
function besideIt(random: WorldRandom, facts: SceneFacts, mention: Mention): Draft | undefined {
  const item = onlyItem(facts, mention)
  const [other, another] = facts.scene.items.filter((candidate) => candidate !== item)
  const otherMention = other && mentionOf(other)
  if (item === undefined || other === undefined || another !== undefined || otherMention === undefined)
    return undefined
  const sides = DIRECTIONS.filter((direction) => isPlainly(other, direction, item))
  if (sides.length === 0) return undefined
  const direction = random.pick(sides)
  return {
    task: 'reference',
    key: 'beside it',
    phrasings: DIALOGUE_PHRASES.beside,
    slots: { direction },
    answer: sentence(aOf(otherMention)),
    sentence: `There is ${aOf(otherMention)} ${direction} it.`,
  }
}

/** Is there text, what does it say, where is it. */
function textPlan(_random: WorldRandom, facts: SceneFacts): Turns | undefined {
  const { text, scene } = facts
  const zone = scene.caption && zoneOf(scene.caption)
  if (text === undefined) return undefined
  return [
    {
      task: 'presence',
      key: 'text',
      phrasings: IMAGE_PHRASES.text,
      answer: 'Yes.',
      sentence: 'Yes, there is text.',
    },
    referring(readDraftOf(text), DIALOGUE_PHRASES.says),
    zone === undefined
      ? referring(backgroundDraftOf(scene), DIALOGUE_PHRASES.background)
      : referring(placeDraft('the text', zone), DIALOGUE_PHRASES.whereIsIt),
  ]
}

function countPlan(random: WorldRandom, facts: SceneFacts): Turns | undefined {
  const { kinds } = facts
  if (kinds.length === 0) return undefined
  const { mention, count } = random.pick(kinds)
  const others = kinds.filter((kind) => kind.mention !== mention)
  const second =
    others.length > 0 && random.chance(0.6)
      ? random.pick(others).mention
      : absentMention(random, kinds, (other) => isNamedIn(kinds, other))
  const isShape = mention.color !== undefined && onlyItem(facts, { name: mention.name }) !== undefined
  if (isShape && random.chance(0.5)) return colorPlan(random, facts, mention)
  return [
    countDraftOf(mention, count),
    referring(countDraftOf(second, countOf(facts, second)), DIALOGUE_PHRASES.andCount),
    referring(backgroundDraftOf(facts.scene), DIALOGUE_PHRASES.background.slice(0, 2)),
  ]
}

/** A shape by its bare name; its colour; its place or something else. */
function colorPlan(random: WorldRandom, facts: SceneFacts, { name, color = 'gray' }: Mention): Turns {
  return [
    presenceOf({ name }, true),
    {
      task: 'reference',
      key: 'its color',
      phrasings: DIALOGUE_PHRASES.color,
      answer: sentence(color),
      sentence: `It is ${color}.`,
    },
    (random.chance(0.6) ? whereIsIt(facts, { name }) : undefined) ?? further(random, facts, { name, color }),
  ]
}

/** Not there; still asked for; something else. */
function absentPlan(random: WorldRandom, facts: SceneFacts): Turns {
  const { kinds } = facts
  const absent = absentMention(random, kinds, (other) => isNamedIn(kinds, other))
  return [
    presenceOf(absent, false),
    referring(absentDraftOf(absent, [], 'where'), DIALOGUE_PHRASES.whereIsIt),
    isThereAlso(random, facts, absent),
  ]
}

/** Not there; another thing is; and where is that. */
function laterPlan(random: WorldRandom, facts: SceneFacts): Turns | undefined {
  const mention = pickThing(random, facts)
  const where = mention && whereIsIt(facts, mention)
  if (mention === undefined || where === undefined) return undefined
  const { kinds } = facts
  const absent = absentMention(random, kinds, (other) => isNamedIn(kinds, other))
  return [presenceOf(absent, false), referring(presenceOf(mention, true), DIALOGUE_PHRASES.also), where]
}

function nothingPlan(random: WorldRandom, facts: SceneFacts): Turns {
  const first = absentMention(random, [], () => false)
  return [
    facts.isKnown ? listDraft(random, facts) : nothingDraft(IMAGE_PHRASES.see),
    presenceOf(first, false),
    isThereAlso(random, facts, first),
  ]
}
