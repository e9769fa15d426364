import type { WorldSet } from '../composition'
import { withArticle } from '../lexicon'
import type { WorldRandom } from '../random'
import { WORLD_COLORS, type WorldQuestion } from '../scene'
import { chooseQuestions, type QuestionOptions, type TaskMaker } from './choose-questions'
import { backgroundDraftOf, readDraftOf } from './image-looks'
import { absentDraftOf, countDraftOf, listDraft, presenceOf } from './image-questions'
import { aOf, joined, mentionSlots, nameOf, NOTHING, sentence, type Mention } from './mention'
import type { Draft } from './phrasing'
import {
  absentMention,
  backgroundColor,
  countOf,
  factsOf,
  isNamedIn,
  looselyMentioned,
  type Kind,
  type SceneFacts,
} from './scene-facts'
import { SEVERAL_PHRASES } from './several-phrases'
import { offTopicDraft, outOfWorldDraft } from './unknown-drafts'

/** What questions need to know of several pictures. */
export interface SetFacts {
  /** Picture 1 first. */
  readonly pictures: readonly SceneFacts[]
  /** All kinds of things, each once. */
  readonly kinds: readonly Kind[]
}

/** Most things that are counted over all pictures. */
const MOST_COUNTED = 9

const SET_TASKS: readonly TaskMaker<SetFacts>[] = [
  { task: 'which-picture', make: whichDraft, weight: 2 },
  { task: 'compare', make: compareDraft, weight: 2 },
  { task: 'total', make: totalDraft, weight: 1.5 },
  { task: 'list', make: listInDraft, weight: 1 },
  { task: 'read', make: readInDraft, weight: 1 },
  { task: 'background', make: backgroundInDraft, weight: 0.8 },
  { task: 'presence', make: presenceInDraft, weight: 1 },
  { task: 'absent', make: absentInDraft, weight: 0.8 },
  { task: 'out-of-world', make: (random, facts) => outOfWorldDraft(random, splitOf(facts)), weight: 0 },
  { task: 'off-topic', make: (random, facts) => offTopicDraft(random, splitOf(facts)), weight: 0 },
]

/** Different questions about several pictures, evenly over the tasks that they allow. */
export function setQuestions(random: WorldRandom, set: WorldSet, options: QuestionOptions): WorldQuestion[] {
  return chooseQuestions(random, SET_TASKS, setFactsOf(set), options)
}

export function setFactsOf({ pictures }: WorldSet): SetFacts {
  const facts = pictures.map(({ scene }) => factsOf(scene))
  const kinds = new Map<string, Kind>()
  for (const kind of facts.flatMap((picture) => picture.kinds)) kinds.set(nameOf(kind.mention), kind)
  return { pictures: facts, kinds: [...kinds.values()] }
}

function splitOf({ pictures }: SetFacts) {
  return pictures[0]?.scene.split ?? 'train'
}

/** Numbers, from 0, of the pictures for which something holds. */
function picturesWith({ pictures }: SetFacts, holds: (picture: SceneFacts) => boolean): number[] {
  return pictures.flatMap((picture, at) => (holds(picture) ? [at] : []))
}

/** A thing, a background or a text that only one picture has. */
function whichDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  const share = random.next()
  if (share < 0.15) return whichTextDraft(random, facts)
  if (share < 0.3) return whichBackgroundDraft(random, facts)
  const unique = facts.kinds
    .map(({ mention }) => looselyMentioned(random, mention))
    .filter((mention) => picturesWith(facts, ({ kinds }) => isNamedIn(kinds, mention)).length === 1)
  return unique.length === 0 ? undefined : whichDraftOf(facts, random.pick(unique))
}

export function whichDraftOf(facts: SetFacts, mention: Mention): Draft | undefined {
  const [at] = picturesWith(facts, ({ kinds }) => isNamedIn(kinds, mention))
  if (at === undefined) return undefined
  return {
    ...pictureAnswer(at, `shows ${aOf(mention)}`),
    task: 'which-picture',
    key: `which ${nameOf(mention)}`,
    phrasings: SEVERAL_PHRASES.which,
    slots: mentionSlots(mention),
  }
}

function whichTextDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  const texts = facts.pictures.flatMap(({ text }) => (text === undefined ? [] : [text]))
  const unique = texts.filter((text) => texts.filter((other) => other === text).length === 1)
  if (unique.length === 0) return undefined
  const text = random.pick(unique)
  const [at = 0] = picturesWith(facts, (picture) => picture.text === text)
  return {
    ...pictureAnswer(at, `shows the text ${text}`),
    task: 'which-picture',
    key: `which text ${text}`,
    phrasings: SEVERAL_PHRASES.whichText,
    slots: { text },
  }
}

function whichBackgroundDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  const colors = WORLD_COLORS.filter((color) => picturesWithColor(facts, color).length === 1)
  if (colors.length === 0) return undefined
  const color = random.pick(colors)
  const a = withArticle(color)
  return {
    ...pictureAnswer(picturesWithColor(facts, color)[0] ?? 0, `has ${a} background`),
    task: 'which-picture',
    key: `which background ${color}`,
    phrasings: SEVERAL_PHRASES.whichBackground,
    slots: { a, color },
  }
}

function picturesWithColor(facts: SetFacts, color: string): number[] {
  return picturesWith(facts, ({ scene }) => backgroundColor(scene.background) === color)
}

function pictureAnswer(at: number, does: string): Pick<Draft, 'answer' | 'sentence' | 'accepted'> {
  return {
    answer: `Picture ${at + 1}.`,
    sentence: `Picture ${at + 1} ${does}.`,
    accepted: [`In picture ${at + 1}.`, `${at + 1}.`],
  }
}

function compareDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  const share = random.next()
  if (share < 0.25) return mostDraft(facts)
  const [one, two] = random.shuffle(facts.pictures.map((_, at) => at))
  if (one === undefined || two === undefined) return undefined
  const [a, b] = [facts.pictures[one], facts.pictures[two]]
  if (a === undefined || b === undefined) return undefined
  const slots = { picture: `picture ${one + 1}`, second: `picture ${two + 1}` }
  if (share < 0.5) return moreDraft(a, b, one, two, slots)
  return share < 0.75 ? bothDraft(a, b, slots) : sameBackgroundDraft(random, a, b, slots)
}

function mostDraft({ pictures }: SetFacts): Draft | undefined {
  const most = Math.max(...pictures.map(({ items }) => items.length))
  const at = pictures.findIndex(({ items }) => items.length === most)
  const isPlain = pictures.every(
    ({ items, hasUnknownItems }, other) => !hasUnknownItems && (other === at || items.length < most),
  )
  return isPlain
    ? {
        ...pictureAnswer(at, 'shows the most objects'),
        task: 'compare',
        key: 'most',
        phrasings: SEVERAL_PHRASES.most,
      }
    : undefined
}

type Pair = Readonly<Record<'picture' | 'second', string>>

function moreDraft(a: SceneFacts, b: SceneFacts, one: number, two: number, slots: Pair): Draft | undefined {
  if (a.hasUnknownItems || b.hasUnknownItems || a.items.length === b.items.length) return undefined
  return {
    ...pictureAnswer(a.items.length > b.items.length ? one : two, 'shows more objects'),
    task: 'compare',
    key: `more ${slots.picture} ${slots.second}`,
    phrasings: SEVERAL_PHRASES.more,
    slots,
  }
}

/** What two pictures share by its whole name; a shape in two colours would be both shared and not. */
function bothDraft(a: SceneFacts, b: SceneFacts, slots: Pair): Draft | undefined {
  const shared = a.kinds.filter(({ mention }) => isNamedIn(b.kinds, mention)).map(({ mention }) => mention)
  const isHalfShared = a.kinds.some(
    ({ mention }) => isNamedIn(b.kinds, { name: mention.name }) && !isNamedIn(b.kinds, mention),
  )
  if (isHalfShared) return undefined
  const list = joined(shared.map(aOf))
  return {
    task: 'compare',
    key: `both ${slots.picture} ${slots.second}`,
    phrasings: SEVERAL_PHRASES.both,
    slots,
    answer: list === '' ? NOTHING : sentence(list),
    sentence: list === '' ? 'Both show nothing that I know.' : `Both show ${list}.`,
    accepted: list === '' ? ['Nothing.'] : [],
  }
}

/** Of plain backgrounds; different ones are asked for less often, since they are the rule. */
function sameBackgroundDraft(
  random: WorldRandom,
  a: SceneFacts,
  b: SceneFacts,
  slots: Pair,
): Draft | undefined {
  const [one, two] = [backgroundColor(a.scene.background), backgroundColor(b.scene.background)]
  if (one === undefined || two === undefined || (one !== two && !random.chance(0.15))) return undefined
  return {
    task: 'compare',
    key: `same background ${slots.picture} ${slots.second}`,
    phrasings: SEVERAL_PHRASES.sameBackground,
    slots,
    answer: one === two ? 'Yes.' : 'No.',
    sentence: one === two ? 'Yes, both have the same background.' : 'No, the backgrounds are different.',
  }
}

function totalDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  const { pictures, kinds } = facts
  if (kinds.length === 0) return undefined
  if (random.chance(0.25)) return totalObjectsDraft(pictures)
  const mention = random.chance(0.1)
    ? absentMention(random, kinds, (other) => isNamedIn(kinds, other))
    : looselyMentioned(random, random.pick(kinds).mention)
  const count = pictures.reduce((sum, picture) => sum + countOf(picture, mention), 0)
  return count > MOST_COUNTED
    ? undefined
    : {
        ...countDraftOf(mention, count),
        task: 'total',
        key: `total ${nameOf(mention)}`,
        phrasings: SEVERAL_PHRASES.total,
      }
}

function totalObjectsDraft(pictures: readonly SceneFacts[]): Draft | undefined {
  const count = pictures.reduce((sum, { items }) => sum + items.length, 0)
  if (count > MOST_COUNTED || pictures.some(({ hasUnknownItems }) => hasUnknownItems)) return undefined
  return {
    task: 'total',
    key: 'total objects',
    phrasings: SEVERAL_PHRASES.totalObjects,
    answer: `${count}.`,
    sentence: count === 1 ? 'There is one object.' : `There are ${count} objects.`,
  }
}

/** A question about one of the pictures. */
function inPicture(
  random: WorldRandom,
  { pictures }: SetFacts,
  phrasings: readonly string[],
  draftOf: (picture: SceneFacts) => Draft | undefined,
): Draft | undefined {
  const at = random.int(pictures.length)
  const facts = pictures[at]
  const draft = facts && draftOf(facts)
  const picture = `picture ${at + 1}`
  return draft && { ...draft, key: `${draft.key} ${picture}`, phrasings, slots: { ...draft.slots, picture } }
}

function listInDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  return inPicture(random, facts, SEVERAL_PHRASES.in, (picture) =>
    picture.kinds.length === 0 && picture.isKnown ? undefined : listDraft(random, picture),
  )
}

function readInDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  return inPicture(random, facts, SEVERAL_PHRASES.readIn, ({ text }) =>
    text === undefined ? undefined : readDraftOf(text),
  )
}

function backgroundInDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  return inPicture(random, facts, SEVERAL_PHRASES.backgroundIn, ({ scene }) => backgroundDraftOf(scene))
}

/** Half of what is not in a picture is in another. */
function presenceInDraft(random: WorldRandom, facts: SetFacts): Draft | undefined {
  return inPicture(random, facts, SEVERAL_PHRASES.presenceIn, ({ kinds }) => {
    if (kinds.length > 0 && random.chance(0.55)) return presenceOf(random.pick(kinds).mention, true)
    const elsewhere = facts.kinds.filter(({ mention }) => !isNamedIn(kinds, { name: mention.name }))
    const mention =
      elsewhere.length > 0 && random.chance(0.5)
        ? random.pick(elsewhere).mention
        : absentMention(random, kinds, (other) => isNamedIn(kinds, other))
    return presenceOf(mention, false)
  })
}

function absentInDraft(random: WorldRandom, { kinds }: SetFacts): Draft {
  const mention = absentMention(random, kinds, (other) => isNamedIn(kinds, other))
  return absentDraftOf(mention, SEVERAL_PHRASES.which, 'which')
}
