import type { WorldRandom } from '../random'
import type { WorldQuestion, WorldTask } from '../scene'
import { capitalized } from './mention'

/** What is asked and answered, before it is put into words. */
export interface Draft {
  readonly task: WorldTask
  /** Drafts with the same key ask the same thing. */
  readonly key: string
  /** Ways to ask, the usual one first; `{slot}` stands for what is asked about. Without styles and mistakes. */
  readonly phrasings: readonly string[]
  readonly slots?: Readonly<Record<string, string>>
  readonly answer: string
  /** The answer as a full sentence, for those who ask for one. */
  readonly sentence?: string
  /** Other right answers. */
  readonly accepted?: readonly string[]
}

export interface WordingOptions {
  /** Only the first phrasing of everything, and no style. */
  readonly canonicalOnly?: boolean
  /** `false`: no typing errors. */
  readonly typos?: boolean
}

const CANONICAL_SHARE = 0.5
const FULL_SENTENCE_SHARE = 0.04
const POLITE_SHARE = 0.15
const LOWER_CASE_SHARE = 0.25
const NO_MARK_SHARE = 0.25

/** Share of questions typed in haste, and of their words that get a mistake. */
const HASTY_SHARE = 0.15
const MISTAKE_SHARE = 0.05

export const FULL_SENTENCE_REQUESTS = [
  'Answer in a full sentence.',
  'Please answer in a full sentence.',
  'Use a full sentence.',
  'Answer with a whole sentence.',
] as const

export const POLITE_QUESTION_STARTS = [
  'Please tell me:',
  'Can you tell me:',
  'Could you tell me, please:',
  'I would like to know:',
  'Hello,',
] as const

export const POLITE_ORDER_STARTS = ['Please', 'Could you please', 'Can you'] as const

/** Puts a draft into words. */
export function worded(random: WorldRandom, draft: Draft, options: WordingOptions = {}): WorldQuestion {
  const usual = options.canonicalOnly === true || random.chance(CANONICAL_SHARE)
  const first = draft.phrasings[0] ?? ''
  const asked = usual ? filled(first, draft.slots) : styled(random, draft, options.typos !== false)
  const full =
    options.canonicalOnly === true || !random.chance(FULL_SENTENCE_SHARE) ? undefined : draft.sentence
  const { task, answer, sentence, accepted = [] } = draft
  if (full !== undefined) {
    const question = `${/[.?!]$/.test(asked) ? asked : `${asked}.`} ${random.pick(FULL_SENTENCE_REQUESTS)}`
    return { task, question, answer: full, accepted: [] }
  }
  const others = sentence === undefined || sentence === answer ? accepted : [...accepted, sentence]
  return { task, question: asked, answer, accepted: others }
}

function styled(random: WorldRandom, draft: Draft, mayHaveMistakes: boolean): string {
  let phrasing = random.pick(draft.phrasings)
  if (random.chance(POLITE_SHARE)) phrasing = polite(random, phrasing)
  if (mayHaveMistakes && random.chance(HASTY_SHARE)) phrasing = mistyped(random, phrasing)
  if (random.chance(NO_MARK_SHARE)) phrasing = phrasing.replace(/[?.]$/, '')
  if (random.chance(LOWER_CASE_SHARE)) return fill(phrasing.toLowerCase(), draft.slots)
  return filled(phrasing, draft.slots)
}

function polite(random: WorldRandom, phrasing: string): string {
  const words = phrasing.charAt(0).toLowerCase() + phrasing.slice(1)
  if (phrasing.endsWith('?')) {
    return random.chance(0.4)
      ? `${phrasing.slice(0, -1)}, please?`
      : `${random.pick(POLITE_QUESTION_STARTS)} ${words}`
  }
  if (!phrasing.endsWith('.')) return `${phrasing} please`
  const start = random.pick(POLITE_ORDER_STARTS)
  return start === 'Please' ? `${start} ${words}` : `${start} ${words.slice(0, -1)}?`
}

/** Swaps, doubles or drops a letter in some words, never in what is asked about. */
function mistyped(random: WorldRandom, phrasing: string): string {
  return phrasing
    .split(' ')
    .map((word) =>
      /^[A-Za-z]{3,}[,.?:]?$/.test(word) && random.chance(MISTAKE_SHARE) ? slip(random, word) : word,
    )
    .join(' ')
}

function slip(random: WorldRandom, word: string): string {
  const at = 1 + random.int(word.length - 2)
  const before = word.slice(0, at)
  const letter = word.charAt(at)
  switch (random.int(3)) {
    case 0:
      return before.slice(0, -1) + letter + before.slice(-1) + word.slice(at + 1)
    case 1:
      return before + letter + word.slice(at)
    default:
      return before + word.slice(at + 1)
  }
}

function filled(phrasing: string, slots: Draft['slots']): string {
  return capitalized(fill(phrasing, slots))
}

function fill(phrasing: string, slots: Draft['slots']): string {
  return slots === undefined
    ? phrasing
    : phrasing.replace(/\{(\w+)\}/g, (whole, slot: string) => slots[slot] ?? whole)
}
