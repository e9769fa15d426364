import type { EncodeOptions, Tokenizer } from '../../app/domain/tokenizer/create-tokenizer'

/** Kept pieces of text; beyond that the cache begins anew, so that memory stays bounded. */
const MOST_KEPT = 200_000

/**
 * A tokenizer that remembers. Texts of a prompt are put together from the same questions, replies and timecodes again
 * and again; cut at `separators`, they are encoded once. Exact as long as no token reaches across the edge of a
 * separator: those of the prompt template and the newline are tokens of their own.
 */
export function cachedTokenizer(tokenizer: Tokenizer, separators: readonly string[]): Tokenizer {
  const pattern = new RegExp(`(${separators.map(escapePattern).join('|')})`)
  const kept = new Map<string, readonly number[]>()
  const remembered = (text: string, options: EncodeOptions): readonly number[] => {
    const known = kept.get(text)
    if (known !== undefined) return known
    if (kept.size >= MOST_KEPT) kept.clear()
    const ids = tokenizer.encode(text, options)
    kept.set(text, ids)
    return ids
  }
  return {
    encode: (text, options = {}) => {
      if (options.parseSpecial !== true) return tokenizer.encode(text, options)
      const ids: number[] = []
      for (const part of text.split(pattern)) {
        if (part !== '') for (const id of remembered(part, options)) ids.push(id)
      }
      return ids
    },
    decode: (ids) => tokenizer.decode(ids),
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
