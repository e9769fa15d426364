import { ZONES } from './questions/places'
import type { WorldQuestion } from './scene'

const ARTICLES = new Set(['a', 'an', 'the'])

const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  [
    'zero',
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
    'ten',
    'eleven',
    'twelve',
  ].map((word, number) => [word, String(number)]),
)

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['colour', 'color'],
  ['grey', 'gray'],
  ['centre', 'center'],
  ['photo', 'photograph'],
])

/** Answers that are the text of a picture: every word of them counts, and their order. */
const READING = new Set(['read', 'read-at'])

/**
 * An answer in the form in which it is compared: lower case, without articles, full stops and spare spaces, number words
 * as digits, times as mm:ss. The parts of a list keep their commas and `and`.
 */
export function normalizeAnswer(text: string): string {
  const words = wordsOf(text)
  const telling = words.filter((word) => !ARTICLES.has(word))
  // "A" may be the name of an answer; without it every empty reply would say the same.
  return (telling.length === 0 ? words : telling)
    .map((word) => NUMBER_WORDS.get(word) ?? SPELLINGS.get(word) ?? word)
    .join(' ')
    .replace(/ ,/g, ',')
}

function wordsOf(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’`]/gu, "'")
    .replace(/\b(?:0{1,2}:)?(\d{1,2}):(\d{2})\b/gu, (_, minutes: string, seconds: string) => {
      return `${minutes.padStart(2, '0')}:${seconds}`
    })
    .replace(/[."“”!?;()]/gu, ' ')
    .replace(/:(?!\d)/gu, ' ')
    .replace(/,/gu, ' , ')
    .split(/\s+/u)
    .filter((word) => word !== '')
}

/**
 * Whether a reply says the answer or another accepted one. Lists count in any order; `yes` and `no` by the first word; a
 * place with or without its preposition.
 */
export function isRight(
  reply: string,
  question: Pick<WorldQuestion, 'task' | 'answer' | 'accepted'>,
): boolean {
  const answers = [question.answer, ...question.accepted]
  if (READING.has(question.task)) {
    const said = wordsOf(reply).join(' ')
    return answers.some((answer) => wordsOf(answer).join(' ') === said)
  }
  const said = comparable(reply)
  const first = /^\w+/.exec(normalizeAnswer(reply))?.[0]
  return answers.some((answer) => {
    const wanted = comparable(answer)
    return said === wanted || ((wanted === 'yes' || wanted === 'no') && first === wanted)
  })
}

/** Before a place that is the whole answer. A text may begin with the same word: "ON 42". */
const PREPOSITION = new RegExp(`^(?:at|in|on) (?=(?:${ZONES.join('|')}|middle|picture \\d+|row \\d+\\b.*)$)`)

/**
 * Without the preposition of a place or time, the parts of a list in one order. A summary ("At 00:00 a dog. At 00:08 a
 * key.") has a list for each moment, and keeps the order of these.
 */
function comparable(text: string): string {
  return normalizeAnswer(text)
    .replace(PREPOSITION, '')
    .split(/(?:^| )at (?=\d\d:\d\d)/)
    .filter((part) => part !== '')
    .map((part) => {
      const [time = ''] = /^\d\d:\d\d /.exec(part) ?? []
      return time + inOneOrder(part.slice(time.length))
    })
    .join(' at ')
}

function inOneOrder(list: string): string {
  // "… and a cat on a blue background": the background belongs to no part of the list.
  const words = list.replace(/ on (?=\w+ background|photograph)/, ', on ')
  if (!/,| and /.test(words)) return words
  return words
    .split(/ ?, (?:and )?| and /)
    .sort()
    .join(', ')
}
