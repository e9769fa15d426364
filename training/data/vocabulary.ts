import { CAPTION_WORDS, pluralOf } from '../../app/domain/world/lexicon'
import { vocabularyWords as spokenWords } from '../../app/domain/world/questions/vocabulary-words'
import { WORLD_COLORS, WORLD_OBJECTS, WORLD_SHAPES } from '../../app/domain/world/scene'
import { INNER_WORDS, OPENING_WORDS } from './question-words'
import { RESERVE_CAPTION_WORDS, RESERVE_OBJECTS, RESERVE_PLURALS } from './reserve-words'

/** Letters a word may consist of to get a token of its own. */
const WORD = /^[A-Za-z]{2,}$|^[aAiI]$/

/**
 * Words that become one token each, without the space in front that belongs to the token. In a stable order: names,
 * what people say, captions, then what is kept for later.
 */
export function vocabularyWords(): string[] {
  const names = [...WORLD_OBJECTS, ...WORLD_SHAPES]
  const all = [
    ...names,
    ...names.map((name) => pluralOf(name)),
    ...names.map(capitalized),
    ...names.map((name) => capitalized(pluralOf(name))),
    ...WORLD_COLORS,
    ...WORLD_COLORS.map(capitalized),
    ...CAPTION_WORDS,
    ...OPENING_WORDS.flatMap((word) => [word, capitalized(word)]),
    ...INNER_WORDS,
    ...RESERVE_OBJECTS,
    ...RESERVE_PLURALS,
    ...RESERVE_CAPTION_WORDS,
    ...spokenWords(),
  ]
  return [...new Set(all.filter((word) => WORD.test(word)))]
}

/**
 * A word list with what is new at its end: what is there keeps its place, and with it its id.
 * @throws RangeError when more is new than there is room for
 */
export function extendWordList(
  present: readonly string[],
  wanted: readonly string[],
  room: number,
): string[] {
  const list = [...new Set([...present, ...wanted])]
  if (list.length > room) throw new RangeError(`expected at most ${room} words, got ${list.length}`)
  return list
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
