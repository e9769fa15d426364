import { describe, expect, it } from 'vitest'
import { chooseSpecials } from '../../../../../app/domain/tokenizer/tokenizer-data'

const pieces = ['<|pad|>', '<|startoftext|>', '<|endoftext|>', '<unk>', '<|mask_0|>', 'a']

describe('the choice of special strings', () => {
  it('takes the special entries of added_tokens_decoder', () => {
    const addedTokens = {
      '2': { content: '<|endoftext|>', special: true },
      '0': { content: '<|pad|>', special: true },
      '3': { content: '<unk>', special: true },
    }
    expect(chooseSpecials(pieces, { addedTokens, namedIds: [1] })).toEqual([0, 2, 3])
  })

  it('ignores entries that are not special, not in the vocabulary, or written otherwise than the piece', () => {
    const addedTokens = {
      '0': { content: '<|pad|>', special: false },
      '1': { content: '<s>', special: true },
      '5': { content: 'a' },
      '99': { content: '<|new|>', special: true },
      x: { content: 'a', special: true },
    }
    expect(chooseSpecials(pieces, { addedTokens, namedIds: [] })).toEqual([])
  })

  it('falls back to the named ids that look like special strings, each once', () => {
    expect(chooseSpecials(pieces, { namedIds: [2, 1, 2, undefined, 3, 5, 77] })).toEqual([1, 2])
  })
})
