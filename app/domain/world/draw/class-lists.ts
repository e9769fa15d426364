import { CAPTION_WORDS } from '../lexicon'
import { WORLD_COLORS, WORLD_OBJECTS, WORLD_SHAPES } from '../scene'

/** What cells are classified into. Class numbers are positions + 1; 0 is "none". */
export const ITEM_CLASSES: readonly string[] = [...WORLD_OBJECTS, ...WORLD_SHAPES]

/** Characters of captions as answers say them. */
export const CAPTION_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:'

const ITEM_IDS = idsOf(ITEM_CLASSES)
const COLOR_IDS = idsOf(WORLD_COLORS)
const CHARACTER_IDS = idsOf(CAPTION_ALPHABET.split(''))
const WORD_IDS = idsOf(CAPTION_WORDS)

function idsOf(list: readonly string[]): ReadonlyMap<string, number> {
  return new Map(list.map((name, index) => [name, index + 1]))
}

export function itemClass(name: string): number {
  return ITEM_IDS.get(name) ?? 0
}

export function colorId(color: string | undefined): number {
  return color === undefined ? 0 : (COLOR_IDS.get(color) ?? 0)
}

export function characterClass(character: string): number {
  return CHARACTER_IDS.get(character) ?? 0
}

/** 0 for words that are not in the lexicon, such as numbers. */
export function captionWordId(word: string): number {
  return WORD_IDS.get(word) ?? 0
}
