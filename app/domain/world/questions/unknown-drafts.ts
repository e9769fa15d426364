import { withArticle } from '../lexicon'
import type { WorldRandom } from '../random'
import type { Scene, WorldSplit } from '../scene'
import { IMAGE_PHRASES } from './image-phrases'
import { CANNOT_READ, NOTHING, NOTHING_SENTENCE } from './mention'
import {
  OFF_TOPIC_ANSWER,
  OFF_TOPIC_PATTERNS,
  OFF_TOPIC_PLACES,
  OFF_TOPIC_QUESTIONS,
} from './off-topic-questions'
import { MORE_OFF_TOPIC_QUESTIONS } from './off-topic-training'
import { isTestText, OUT_OF_WORLD_NOUNS } from './out-of-world-nouns'
import type { Draft } from './phrasing'
import { VIDEO_PHRASES } from './video-phrases'

const OFF_TOPIC = {
  train: [...OFF_TOPIC_QUESTIONS.filter((question) => !isTestText(question)), ...MORE_OFF_TOPIC_QUESTIONS],
  test: OFF_TOPIC_QUESTIONS.filter((question) => isTestText(question)),
} as const

const PATTERN_SHARE = 0.25

export function offTopicDraft(random: WorldRandom, split: WorldSplit): Draft {
  const asksPattern = random.chance(PATTERN_SHARE)
  const question = random.pick(asksPattern ? OFF_TOPIC_PATTERNS : OFF_TOPIC[split])
  const slots = asksPattern
    ? { n: String(random.int(100)), m: String(random.int(100)), place: random.pick(OFF_TOPIC_PLACES) }
    : {}
  return {
    task: 'off-topic',
    key: `off-topic ${question}`,
    phrasings: [question],
    slots,
    answer: OFF_TOPIC_ANSWER,
    accepted: ['I do not know.'],
  }
}

/** Questions that can be asked of any noun, of a picture and of a video. */
const NOUN_PHRASINGS: readonly (readonly string[])[] = [
  IMAGE_PHRASES.presence,
  IMAGE_PHRASES.presence,
  IMAGE_PHRASES.where,
  IMAGE_PHRASES.count,
]
const VIDEO_NOUN_PHRASINGS: readonly (readonly string[])[] = [
  VIDEO_PHRASES.presence,
  VIDEO_PHRASES.presence,
  VIDEO_PHRASES.when,
  VIDEO_PHRASES.until,
]

/** Asks about a thing that the model has no name for: nobody knows whether it is there. */
export function outOfWorldDraft(
  random: WorldRandom,
  split: WorldSplit,
  shown: 'picture' | 'video' = 'picture',
): Draft {
  const noun = random.pick(OUT_OF_WORLD_NOUNS[split])
  const a = withArticle(noun)
  return {
    task: 'out-of-world',
    key: `out-of-world ${noun}`,
    phrasings: random.pick(shown === 'picture' ? NOUN_PHRASINGS : VIDEO_NOUN_PHRASINGS),
    slots: { a, the: `the ${noun}`, name: noun, names: pluralOfNoun(noun) },
    // Without the noun: with it, this was not learnt at all (training/LOG.md).
    answer: 'I do not know what that is.',
    accepted: [
      "I don't know what that is.",
      `I do not know what ${a} is.`,
      `I don't know what ${a} is.`,
      'I do not know.',
    ],
  }
}

const PLURALS: Readonly<Record<string, string>> = {
  ...{ sheep: 'sheep', deer: 'deer', moose: 'moose', bison: 'bison', salmon: 'salmon', trout: 'trout' },
  ...{ mouse: 'mice', wolf: 'wolves', goose: 'geese', knife: 'knives', leaf: 'leaves', shelf: 'shelves' },
  ...{
    policeman: 'policemen',
    firefighter: 'firefighters',
    dice: 'dice',
    potato: 'potatoes',
    tomato: 'tomatoes',
  },
  ...{
    squid: 'squid',
    shrimp: 'shrimp',
    reindeer: 'reindeer',
    cactus: 'cacti',
    pliers: 'pliers',
    scarf: 'scarves',
  },
  ...{
    binoculars: 'binoculars',
    mosquito: 'mosquitoes',
    volcano: 'volcanoes',
    buffalo: 'buffaloes',
    mango: 'mangoes',
  },
}

/** `zebras`, `foxes`, `cherries`. */
export function pluralOfNoun(noun: string): string {
  const irregular = PLURALS[noun]
  if (irregular !== undefined) return irregular
  if (/(?:s|x|ch|sh)$/.test(noun)) return `${noun}es`
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`
}

/** Nothing in the picture has a name: it says so, however it is asked. */
export function nothingKnownDraft(
  _random: WorldRandom,
  { isKnown }: { readonly isKnown: boolean },
): Draft | undefined {
  return isKnown ? undefined : nothingDraft([...IMAGE_PHRASES.see, ...IMAGE_PHRASES.describe])
}

export function nothingDraft(phrasings: readonly string[]): Draft {
  return {
    task: 'nothing-known',
    key: 'nothing-known',
    phrasings,
    answer: NOTHING_SENTENCE,
    sentence: NOTHING_SENTENCE,
    accepted: [NOTHING, 'There is nothing that I know.'],
  }
}

export function unreadableDraft(
  _random: WorldRandom,
  { scene }: { readonly scene: Scene },
): Draft | undefined {
  return scene.caption?.unreadable === true ? unreadableDraftOf(IMAGE_PHRASES.read) : undefined
}

export function unreadableDraftOf(phrasings: readonly string[]): Draft {
  return {
    task: 'unreadable',
    key: 'unreadable',
    phrasings,
    answer: CANNOT_READ,
    sentence: CANNOT_READ,
    accepted: ['I cannot read it.', "I can't read the text."],
  }
}
