import { CAPTION_WORDS, pluralOf } from '../lexicon'
import { WORLD_COLORS } from '../scene'
import { DIALOGUE_PHRASES } from './dialogue-phrases'
import { IMAGE_PHRASES } from './image-phrases'
import { CANNOT_READ, NO_TEXT, NOTHING, NOTHING_SENTENCE, WORLD_NAMES } from './mention'
import { OFF_TOPIC_ANSWER } from './off-topic-questions'
import { FULL_SENTENCE_REQUESTS, POLITE_ORDER_STARTS, POLITE_QUESTION_STARTS } from './phrasing'
import { ZONES } from './places'
import { SEVERAL_PHRASES } from './several-phrases'
import { VIDEO_PHRASES } from './video-phrases'

/** Answers, and words that questions and answers are put together from outside the lists of phrasings. */
const ANSWERS: readonly string[] = [
  ...[NO_TEXT, NOTHING, NOTHING_SENTENCE, CANNOT_READ, OFF_TOPIC_ANSWER],
  'Yes, there is a. No, there is no. I do not know what an is. There are. In the center. At the. It is not.',
  'A photograph. Dark. Bright. on a background, with the text. The background is. The picture is.',
  'two three four five six seven eight nine one once twice times for seconds 1 second row column Picture picture',
  'left of right of above below largest biggest smallest larger bigger smaller first later next after just before',
  'appears appear does moves move disappears changes turns nothing To the right. left. Up. Down. Between and',
  'The video shows. The odd frame is at. The second scene begins. scenes. is last seen. is visible for. says',
  'shows more most objects object. Both show. both have the same, the backgrounds are different. has, please?',
]

const WORD = /[A-Za-z]+/g

/**
 * Every word that questions and answers may contain, except those of off-topic questions and the names of things outside
 * the world: what is not known must come in words that are spelled in letters. Words that may begin a sentence come with
 * and without a capital. In a stable order.
 */
export function vocabularyWords(): string[] {
  const lists: readonly (readonly string[])[] = [
    IMAGE_PHRASES,
    VIDEO_PHRASES,
    SEVERAL_PHRASES,
    DIALOGUE_PHRASES,
  ].flatMap((phrases) => Object.values<readonly string[]>(phrases))
  const starts = [...POLITE_QUESTION_STARTS, ...POLITE_ORDER_STARTS, ...FULL_SENTENCE_REQUESTS]
  const texts = [...ANSWERS, ...lists.flat(), ...starts, ...ZONES]
  const spoken = texts.flatMap((text) => text.replace(/\{\w+\}/g, '_').match(WORD) ?? [])
  const words = new Set<string>()
  // Names never begin a question or an answer: an article or a number stands before them.
  for (const name of WORLD_NAMES) words.add(name).add(pluralOf(name))
  for (const word of [...WORLD_COLORS, ...spoken]) {
    words.add(word === 'I' ? word : word.toLowerCase())
    words.add(word.charAt(0).toUpperCase() + word.slice(1))
  }
  for (const word of CAPTION_WORDS) words.add(word)
  return [...words]
}
