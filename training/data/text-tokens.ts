import { CAPTION_WORDS, pluralOf } from '../../app/domain/world/lexicon'
import { WORLD_COLORS, WORLD_OBJECTS, WORLD_SHAPES } from '../../app/domain/world/scene'
import type { TokenOf } from '../../app/domain/world/draw/cell-names'

/** Token ids of a word as texts write it, and of the name that cells have for it. */
export interface NameForm {
  readonly form: number
  readonly name: number
  /** Of objects, shapes and text: where no cell has the name, the thing is not there. */
  readonly isThing: boolean
}

/**
 * All forms of the names of cells (cell-names.ts): `dog`, `dogs`, `Dog` and `Dogs` stand for what cells call `dog`.
 * Forms that are not one token are left out.
 */
export function nameForms(tokenOf: TokenOf): NameForm[] {
  const forms = new Map<number, NameForm>()
  const add = (name: string, words: readonly string[], isThing: boolean) => {
    const id = tokenOf(` ${name}`)
    if (id === undefined) return
    for (const word of words.flatMap((word) => [word, word.charAt(0).toUpperCase() + word.slice(1)])) {
      const form = tokenOf(` ${word}`)
      if (form !== undefined && !forms.has(form)) forms.set(form, { form, name: id, isThing })
    }
  }
  for (const name of [...WORLD_OBJECTS, ...WORLD_SHAPES]) add(name, [name, pluralOf(name)], true)
  for (const color of WORLD_COLORS) add(color, [color], false)
  for (const word of CAPTION_WORDS) add(word, [word], false)
  add('text', ['text'], true)
  add('unreadable', ['unreadable'], false)
  return [...forms.values()]
}

/** Ids of tokens that have a meaning for training, in the names of its Python side (streams.TextTokens). */
export function textTokens(tokenOf: TokenOf) {
  const all = (texts: readonly string[]) => texts.map((text) => idOf(tokenOf, text))
  return {
    name_forms: nameForms(tokenOf).map(({ form, name, isThing }) => [form, name, Number(isThing)]),
    digits: all(Array.from({ length: 10 }, (_, digit) => String(digit))),
    seconds: all(Array.from({ length: 60 }, (_, seconds) => `:${String(seconds).padStart(2, '0')}`)),
    row: all([' row', ' Row']),
    column: all([' column']),
    picture: all([' picture', ' Picture']),
    caption_words: CAPTION_WORDS.flatMap((word) => tokenOf(` ${word}`) ?? []),
    begin: idOf(tokenOf, '<|startoftext|>'),
    newline: idOf(tokenOf, '\n'),
    picture_begin: idOf(tokenOf, '<img>'),
    picture_end: idOf(tokenOf, '</img>'),
  }
}

function idOf(tokenOf: TokenOf, text: string): number {
  const id = tokenOf(text)
  if (id === undefined) throw new RangeError(`expected one token for ${JSON.stringify(text)}`)
  return id
}
