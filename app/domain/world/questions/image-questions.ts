import type { WorldRandom } from '../random'
import type { Scene, WorldQuestion } from '../scene'
import { chooseQuestions, type QuestionOptions, type TaskMaker } from './choose-questions'
import { backgroundDraft, brightnessDraft, describeDraft, readDraft } from './image-looks'
import { IMAGE_PHRASES } from './image-phrases'
import { atDraft, largestDraft, relationDraft, whereDraft } from './image-space'
import {
  aOf,
  isShapeName,
  mentionSlots,
  nameOf,
  namesOf,
  NO_TEXT,
  NOTHING,
  NOTHING_SENTENCE,
  sentence,
  severalOf,
  thereIsNo,
  type Mention,
} from './mention'
import type { Draft } from './phrasing'
import {
  absentMention,
  countOf,
  factsOf,
  isNamedIn,
  listAnswer,
  listPhrase,
  looselyMentioned,
  onlyItem,
  type SceneFacts,
} from './scene-facts'
import { nothingKnownDraft, offTopicDraft, outOfWorldDraft, unreadableDraft } from './unknown-drafts'

/** Everything that is asked about one picture. Tasks of weight 0 do not need the picture. */
const IMAGE_TASKS: readonly TaskMaker<SceneFacts>[] = [
  { task: 'presence', make: presenceDraft, weight: 2 },
  { task: 'list', make: listDraft, weight: 1 },
  { task: 'count', make: countDraft, weight: 1.2 },
  { task: 'count-all', make: countAllDraft, weight: 0.8 },
  { task: 'shape-color', make: shapeColorDraft, weight: 1.5 },
  { task: 'background', make: backgroundDraft, weight: 0.8 },
  { task: 'where', make: whereDraft, weight: 1.5 },
  { task: 'what-at', make: atDraft, weight: 1.5 },
  { task: 'relation', make: relationDraft, weight: 2 },
  { task: 'largest', make: largestDraft, weight: 2 },
  { task: 'read', make: readDraft, weight: 2 },
  { task: 'brightness', make: brightnessDraft, weight: 0.8 },
  { task: 'describe', make: describeDraft, weight: 0.8 },
  { task: 'absent', make: absentDraft, weight: 1 },
  { task: 'nothing-known', make: nothingKnownDraft, weight: 2 },
  { task: 'unreadable', make: unreadableDraft, weight: 3 },
  { task: 'out-of-world', make: (random, { scene }) => outOfWorldDraft(random, scene.split), weight: 0 },
  { task: 'off-topic', make: (random, { scene }) => offTopicDraft(random, scene.split), weight: 0 },
]

/** Different questions about a picture, evenly over the tasks that it allows. */
export function imageQuestions(random: WorldRandom, scene: Scene, options: QuestionOptions): WorldQuestion[] {
  return chooseQuestions(random, IMAGE_TASKS, factsOf(scene), options)
}

/**
 * Of pictures with named things: those without any have "no" as their only answer, and are about a sixth of all, so that
 * the answers are as often "yes" as "no".
 */
const YES_SHARE = 0.6

/** Of pictures without any: how often other tasks, of which they allow fewer, go first. */
const PASSED_SHARE = 0.4

/** Of pictures with named things: how often what is counted is none of them. */
const ZERO_SHARE = 0.15

export function presenceDraft(random: WorldRandom, facts: SceneFacts): Draft | undefined {
  const { kinds } = facts
  if (kinds.length === 0 && random.chance(PASSED_SHARE)) return undefined
  const isThere = kinds.length > 0 && random.chance(YES_SHARE)
  return presenceOf(
    isThere
      ? looselyMentioned(random, random.pick(kinds).mention)
      : absentMention(random, kinds, (mention) => isNamedIn(kinds, mention)),
    isThere,
  )
}

export function presenceOf(mention: Mention, isThere: boolean): Draft {
  return {
    task: 'presence',
    key: `presence ${nameOf(mention)}`,
    phrasings: IMAGE_PHRASES.presence,
    slots: mentionSlots(mention),
    answer: isThere ? 'Yes.' : 'No.',
    sentence: isThere ? `Yes, there is ${aOf(mention)}.` : `No, there is no ${nameOf(mention)}.`,
    ...(isThere ? {} : { accepted: [thereIsNo(mention)] }),
  }
}

export function listDraft(random: WorldRandom, { kinds, isKnown }: SceneFacts): Draft {
  const isEmpty = kinds.length === 0
  return {
    task: 'list',
    key: 'list',
    // "What do you see?" would have to be answered with the text where there is only text.
    phrasings: isEmpty || random.chance(0.4) ? IMAGE_PHRASES.objects : IMAGE_PHRASES.see,
    answer: listAnswer(kinds),
    sentence: isEmpty ? NOTHING_SENTENCE : `I see ${listPhrase(kinds)}.`,
    accepted: isEmpty ? [NOTHING, 'Nothing.', ...(isKnown ? [] : ['There is nothing that I know.'])] : [],
  }
}

/** Several of a kind are preferred. */
export function countDraft(random: WorldRandom, facts: SceneFacts): Draft {
  const { kinds } = facts
  if (kinds.length === 0 || random.chance(ZERO_SHARE)) {
    return countDraftOf(
      absentMention(random, kinds, (mention) => isNamedIn(kinds, mention)),
      0,
    )
  }
  const several = kinds.filter(({ count }) => count > 1)
  const chosen = random.pick(several.length > 0 && random.chance(0.7) ? several : kinds)
  const mention = looselyMentioned(random, chosen.mention)
  return countDraftOf(mention, countOf(facts, mention))
}

export function countDraftOf(mention: Mention, count: number): Draft {
  const full =
    count === 0
      ? thereIsNo(mention)
      : count === 1
        ? `There is one ${nameOf(mention)}.`
        : `There are ${severalOf(mention, count)}.`
  return {
    task: 'count',
    key: `count ${nameOf(mention)}`,
    phrasings: IMAGE_PHRASES.count,
    slots: mentionSlots(mention),
    answer: `${count}.`,
    sentence: full,
    accepted: count === 0 ? ['None.', `There are no ${namesOf(mention)}.`] : [],
  }
}

/** Things without a name make the number doubtful, and so does a photograph without any named thing. */
export function countAllDraft(_random: WorldRandom, facts: SceneFacts): Draft | undefined {
  const { items, hasUnknownItems, scene } = facts
  if (hasUnknownItems || (items.length === 0 && scene.background.kind === 'photo')) return undefined
  const count = items.length
  return {
    task: 'count-all',
    key: 'count-all',
    phrasings: IMAGE_PHRASES.countAll,
    answer: `${count}.`,
    sentence:
      count === 1
        ? 'There is one object.'
        : count === 0
          ? 'There is no object.'
          : `There are ${count} objects.`,
    accepted: count === 0 ? ['None.', NOTHING] : [],
  }
}

export function shapeColorDraft(random: WorldRandom, facts: SceneFacts): Draft | undefined {
  const names = facts.kinds
    .map(({ mention }) => mention)
    .filter(({ name, color }) => color !== undefined && onlyItem(facts, { name }) !== undefined)
  if (names.length === 0) return undefined
  const { name, color = 'gray' } = random.pick(names)
  return {
    task: 'shape-color',
    key: `shape-color ${name}`,
    phrasings: IMAGE_PHRASES.color,
    slots: mentionSlots({ name }),
    answer: sentence(color),
    sentence: `The ${name} is ${color}.`,
    accepted: [`It is ${color}.`],
  }
}

/** Questions that take for granted what is not there. */
export function absentDraft(random: WorldRandom, { kinds, scene }: SceneFacts): Draft {
  if (scene.caption === undefined && random.chance(0.35)) return noTextDraft()
  const mention = absentMention(random, kinds, (other) => isNamedIn(kinds, other))
  const asksColor = mention.color === undefined && isShapeName(mention.name) && random.chance(0.5)
  return absentDraftOf(
    mention,
    asksColor ? IMAGE_PHRASES.color : IMAGE_PHRASES.where,
    asksColor ? 'color' : 'where',
  )
}

export function absentDraftOf(mention: Mention, phrasings: readonly string[], kind: string): Draft {
  const name = nameOf(mention)
  return {
    task: 'absent',
    key: `absent ${kind} ${name}`,
    phrasings,
    slots: mentionSlots(mention),
    answer: thereIsNo(mention),
    sentence: thereIsNo(mention),
    accepted: [`There are no ${namesOf(mention)}.`, `I see no ${name}.`],
  }
}

export function noTextDraft(phrasings: readonly string[] = IMAGE_PHRASES.read): Draft {
  return {
    task: 'absent',
    key: 'absent text',
    phrasings,
    answer: NO_TEXT,
    sentence: NO_TEXT,
    accepted: ['No text.', 'I see no text.'],
  }
}
