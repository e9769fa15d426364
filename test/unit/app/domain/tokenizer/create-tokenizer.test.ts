import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenizer } from '../../../../../app/domain/tokenizer/create-tokenizer'
import { TokenType, type TokenizerData } from '../../../../../app/domain/tokenizer/tokenizer-data'

const bytes = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
)

/** Ids: 0 unknown, 1 `<|end|>`, 2 `<|mask|>`, 3 comma, 4–259 bytes, then the given pieces with falling scores. */
function vocabulary(
  model: 'bpe' | 'unigram',
  normal: readonly string[],
  options: Partial<TokenizerData> = {},
): TokenizerData {
  const pieces = ['<|unk|>', '<|end|>', '<|mask|>', ',', ...bytes, ...normal]
  const types = [TokenType.unknown, TokenType.control, TokenType.control, TokenType.userDefined]
  return {
    model,
    pieces,
    scores: pieces.map((_, id) => (id < 260 ? 0 : 260 - id)),
    types: pieces.map((_, id) => types[id] ?? (id < 260 ? TokenType.byte : TokenType.normal)),
    addSpacePrefix: false,
    byteFallback: true,
    unkId: 0,
    specials: [1],
    ...options,
  }
}

describe('byte-pair encoding', () => {
  const tokenizer = createTokenizer(vocabulary('bpe', ['ab', 'bc', 'abc', 'a', 'b', 'c', '▁a', '▁']))

  it('merges the pair with the highest score first, the leftmost among equals', () => {
    expect(tokenizer.encode('abc')).toEqual([262])
    expect(tokenizer.encode('abab')).toEqual([260, 260])
    expect(tokenizer.encode('bcb')).toEqual([261, 264])
  })

  it('writes spaces as U+2581 and never drops or adds one', () => {
    expect(tokenizer.encode('  a')).toEqual([267, 266])
    expect(tokenizer.decode([267, 266])).toBe('  a')
  })

  it('keeps user-defined pieces alone', () => {
    expect(tokenizer.encode('ab,ab')).toEqual([260, 3, 260])
  })

  it('writes characters outside the vocabulary as their UTF-8 bytes', () => {
    expect(tokenizer.encode('é\n')).toEqual([4 + 0xc3, 4 + 0xa9, 4 + 0x0a])
  })

  it('reads a lone surrogate as U+FFFD', () => {
    expect(tokenizer.encode('\ud800')).toEqual([4 + 0xef, 4 + 0xbf, 4 + 0xbd])
  })

  it('gives nothing for an empty text', () => {
    expect(tokenizer.encode('')).toEqual([])
    expect(tokenizer.decode([])).toBe('')
  })
})

describe('special strings', () => {
  const tokenizer = createTokenizer(vocabulary('bpe', ['a', '<', '|', '>', 'end']))

  it('become one token when they are parsed', () => {
    expect(tokenizer.encode('a<|end|>a', { parseSpecial: true })).toEqual([260, 1, 260])
  })

  it('are plain text when they are not parsed', () => {
    expect(tokenizer.encode('<|end|>')).not.toContain(1)
    expect(tokenizer.decode(tokenizer.encode('<|end|>'))).toBe('<|end|>')
  })

  it('do not include control pieces that are not among the specials', () => {
    const ids = tokenizer.encode('<|mask|>', { parseSpecial: true })
    expect(ids).not.toContain(2)
    expect(tokenizer.decode(ids)).toBe('<|mask|>')
  })

  it('prefer the longer of two that begin alike', () => {
    const two = createTokenizer({
      ...vocabulary('bpe', ['a']),
      pieces: ['<|unk|>', '<|e', '<|e|>', ',', ...bytes, 'a'],
      specials: [1, 2],
    })
    expect(two.encode('<|e|><|ea', { parseSpecial: true })).toEqual([2, 1, 260])
  })

  it('leave no text when they are decoded', () => {
    expect(tokenizer.decode([260, 1, 260])).toBe('aa')
  })
})

describe('unigram encoding', () => {
  it('takes the path with the highest sum of scores', () => {
    // "ab" −0, "c" −3 together beat "a" −2 with "bc" −4.
    const tokenizer = createTokenizer(vocabulary('unigram', ['ab', 'b', 'a', 'c', 'bc']))
    expect(tokenizer.encode('abc')).toEqual([260, 263])
  })

  it('prefers user-defined pieces wherever they fit', () => {
    const data = vocabulary('unigram', ['a', 'b', 'ab'])
    const types = [...data.types]
    types[262] = TokenType.userDefined
    expect(createTokenizer({ ...data, types }).encode('ab,a')).toEqual([262, 3, 260])
  })
})

describe('without byte fallback', () => {
  const tokenizer = createTokenizer(vocabulary('bpe', ['a'], { byteFallback: false }))

  it('writes a run of unknown characters as one unknown piece', () => {
    expect(tokenizer.encode('aéøa')).toEqual([260, 0, 260])
    expect(tokenizer.decode([260, 0])).toBe('a ⁇ ')
  })
})

describe('with a space in front', () => {
  const tokenizer = createTokenizer(vocabulary('bpe', ['▁', 'a', '▁a'], { addSpacePrefix: true }))

  it('adds it when encoding and takes it away when decoding', () => {
    expect(tokenizer.encode('a a')).toEqual([262, 262])
    expect(tokenizer.decode([262, 262])).toBe('a a')
  })
})

describe.each(['bpe', 'unigram'] as const)('any %s tokenizer with byte fallback', (model) => {
  const tokenizer = createTokenizer(vocabulary(model, ['▁', 'a', 'b', 'ab', '▁a', 'é', '😀', 'é😀']))

  it('decodes what it encoded to the same text, U+2581 read as a space', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', 'é', '😀') }),
    )
    fc.assert(
      fc.property(text, (any) => {
        expect(tokenizer.decode(tokenizer.encode(any))).toBe(any.replaceAll('\u2581', ' '))
      }),
    )
  })

  it('gives for two texts around a special string what it gives for each', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(tokenizer.encode(`${before}<|end|>${after}`, { parseSpecial: true })).toEqual([
          ...tokenizer.encode(before, { parseSpecial: true }),
          1,
          ...tokenizer.encode(after, { parseSpecial: true }),
        ])
      }),
    )
  })
})
