import { parseTimecode } from '../../domain/time/timecode'
import { isRight } from '../../domain/world/score-answer'

/** Words that do not change what an answer says. */
const ARTICLES = new Set(['a', 'an', 'the'])

const NUMBER_WORDS = new Map(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
    'seventeen eighteen nineteen twenty'
  )
    .split(' ')
    .map((word, number) => [word, String(number)]),
)

/** A time in the form it is compared in; no other word looks like it. */
const TIME = /^@\d+(?:\.\d+)?$/u
const COUNT = /^\d+$/u

/**
 * The words of an answer in the form they are compared in: lower case, without punctuation and articles, small number
 * words as digits, times (1:30, 01:30, 0:01:30) as seconds behind an `@`.
 */
export function normalizedWords(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[’`]/gu, "'")
      .match(/[\p{L}\p{N}:.'%+-]+/gu) ?? []
  const said = words.map((word) => word.replace(/^[:.'-]+|[:.'-]+$/gu, '')).filter((word) => word !== '')
  const telling = said.filter((word) => !ARTICLES.has(word))
  // "A" may be the name of an answer; without it every empty reply would say the same.
  return (telling.length === 0 ? said : telling).map(normalizedWord)
}

function normalizedWord(word: string): string {
  const seconds = word.includes(':') ? parseTimecode(word) : null
  if (seconds !== null) return `@${seconds}`
  if (COUNT.test(word)) return word.replace(/^0+(?=\d)/u, '')
  return NUMBER_WORDS.get(word) ?? word
}

/**
 * True when a reply says one of the accepted answers: the same words, lists in any order; or for "yes" and "no" the
 * same first word; or for a count or a time the only count or time that the reply names, whatever stands around it.
 */
export function isAccepted(reply: string, answers: readonly string[]): boolean {
  const said = normalizedWords(reply)
  if (said.length === 0) return false
  return answers.some(
    (answer) =>
      saysTheSame(said, normalizedWords(answer)) || isRight(reply, { task: 'list', answer, accepted: [] }),
  )
}

function saysTheSame(said: readonly string[], wanted: readonly string[]): boolean {
  if (said.join(' ') === wanted.join(' ')) return true
  // "At 00:12." is a time as much as "00:12" is.
  const [only, ...others] = wanted[0] === 'at' ? wanted.slice(1) : wanted
  if (only === undefined || others.length > 0) return false
  if (only === 'yes' || only === 'no') return said[0] === only
  const kind = [TIME, COUNT].find((pattern) => pattern.test(only))
  if (kind === undefined) return false
  const named = said.filter((word) => kind.test(word))
  return named.length === 1 && named[0] === only
}
