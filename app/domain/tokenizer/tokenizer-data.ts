/** Token types as GGUF stores them in `tokenizer.ggml.token_type`. */
export const TokenType = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const

/** A SentencePiece vocabulary, as read from `tokenizer.model` or from `language.gguf`. */
export interface TokenizerData {
  /** How pieces are chosen: merged pair by pair (`bpe`), or the best path through all of them (`unigram`). */
  readonly model: 'bpe' | 'unigram'
  /** Text of each piece by id; spaces written as U+2581, bytes as `<0x0A>`. */
  readonly pieces: readonly string[]
  /** Score by id: merge priority (bpe) or log probability (unigram). */
  readonly scores: readonly number[] | Float32Array
  /** GGUF token type by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
  readonly types: readonly number[] | Uint8Array
  /** Whether a space is put in front of text (SentencePiece's dummy prefix). */
  readonly addSpacePrefix: boolean
  /** Whether text outside the vocabulary becomes byte pieces instead of the unknown piece. */
  readonly byteFallback: boolean
  readonly unkId: number
  readonly bosId?: number
  readonly eosId?: number
  /** Ids whose piece text is matched as one token when special strings are parsed. See `chooseSpecials`. */
  readonly specials: readonly number[]
}

/** What `chooseSpecials` looks at beside the vocabulary. */
export interface SpecialSources {
  /**
   * `added_tokens_decoder` of tokenizer_config.json: id to written form. Only entries with `special: true`
   * are special strings; absent when the checkpoint has no such file.
   */
  readonly addedTokens?: Readonly<Record<string, { readonly content: string; readonly special?: boolean }>>
  /** Ids the checkpoint names as begin, end, unknown and padding, where it names them. */
  readonly namedIds: readonly (number | undefined)[]
}

/**
 * The ids that are matched as special strings in text.
 *
 * Control type alone does not say so: LongLLaVA's vocabulary has 1539 control pieces (`<|mask_0|>` …) that text
 * never produces. Hence: the special entries of `added_tokens_decoder` when there is one, as far as their text is
 * the piece's own; otherwise the named begin, end, unknown and padding ids whose piece looks like `<|…|>`. Plain
 * names such as `<s>` or `<pad>` are left out there: SentencePiece reads them as text, and people write them.
 */
export function chooseSpecials(pieces: readonly string[], sources: SpecialSources): number[] {
  const chosen = new Set<number>()
  if (sources.addedTokens !== undefined) {
    for (const [key, token] of Object.entries(sources.addedTokens)) {
      const id = Number(key)
      if (token.special === true && token.content !== '' && pieces[id] === token.content) chosen.add(id)
    }
  } else {
    for (const id of sources.namedIds) {
      if (id !== undefined && /^<\|.+\|>$/u.test(pieces[id] ?? '')) chosen.add(id)
    }
  }
  return [...chosen].sort((a, b) => a - b)
}
