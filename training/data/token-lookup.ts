import type { TokenOf } from '../../app/domain/world/draw/cell-names'
import type { Tokenizer } from '../../app/domain/tokenizer/create-tokenizer'

/** The ids of words that are one token. */
export function tokenLookup(tokenizer: Pick<Tokenizer, 'encode'>): TokenOf {
  const known = new Map<string, number | undefined>()
  return (word) => {
    if (!known.has(word)) {
      const ids = tokenizer.encode(word, { parseSpecial: true })
      known.set(word, ids.length === 1 ? ids[0] : undefined)
    }
    return known.get(word)
  }
}
