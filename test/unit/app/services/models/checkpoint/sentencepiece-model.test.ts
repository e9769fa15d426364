import { describe, expect, it } from 'vitest'
import { parseSentencePieceModel } from '../../../../../../app/services/models/checkpoint/sentencepiece-model'
import {
  bytesField,
  plainNormalizer,
  sentencePieceBytes,
  standardPieces,
  varintField,
} from '../../../../../helpers/sentencepiece-bytes'

const pieces = standardPieces(['▁a', 'b'])
const parse = (bytes: Uint8Array) => parseSentencePieceModel(bytes, 'tokenizer.model')

describe('parseSentencePieceModel', () => {
  it('reads pieces, scores, types and switches', () => {
    const model = parse(sentencePieceBytes({ pieces, modelType: 1 }))
    expect(model).toMatchObject({ model: 'unigram', unkId: 3, byteFallback: true, addDummyPrefix: false })
    expect(model.pieces.length).toBe(262)
    expect(model.pieces.slice(-2)).toEqual(['▁a', 'b'])
    expect(model.scores.at(-1)).toBe(-1)
    expect([...model.types.slice(0, 5)]).toEqual([3, 3, 3, 2, 6])
  })

  it('takes SentencePiece defaults for switches that are not written', () => {
    const normalizer = varintField(4, 0)
    expect(parse(sentencePieceBytes({ pieces, normalizer })).addDummyPrefix).toBe(true)
  })

  it.each([
    ['characters are rewritten', { normalizer: Buffer.concat([plainNormalizer, bytesField(2, Buffer.from('map'))]) }, 'precompiled_charsmap'],
    ['repeated spaces are removed', { normalizer: varintField(3, 0) }, 'remove_extra_whitespaces'],
    ['spaces are not escaped', { normalizer: Buffer.concat([plainNormalizer, varintField(5, 0)]) }, 'escape_whitespaces'],
    ['it splits into words', { modelType: 3 }, 'its model type is 3'],
  ])('does not support a model where %s', (_, options, reason) => {
    const bytes = sentencePieceBytes({ pieces, ...options })
    expect(() => parse(bytes)).toThrow(expect.objectContaining({ code: 'checkpoint_unsupported' }) as Error)
    expect(() => parse(bytes)).toThrow(reason)
  })

  it.each([
    ['no pieces', sentencePieceBytes({ pieces: [] }), 'it holds no pieces'],
    ['a piece twice', sentencePieceBytes({ pieces: [...pieces, { text: 'b' }] }), 'pieces 261 and 262 are both "b"'],
    ['no unknown piece', sentencePieceBytes({ pieces: [{ text: 'a' }], byteFallback: false }), 'it has no unknown piece'],
    ['missing byte pieces', sentencePieceBytes({ pieces: standardPieces(['a'], false) }), 'should have 256 byte pieces, but has 0'],
    ['an unknown piece type', sentencePieceBytes({ pieces: [...pieces, { text: 'c', type: 9 }] }), 'the unknown type 9'],
    ['a score that is no number', sentencePieceBytes({ pieces: [...pieces, { text: 'c', score: NaN }] }), 'piece 262 ("c") has a score'],
    ['a field that ends beyond the file', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f]), 'a field ends beyond its message'],
    ['an endless number', Buffer.from(Array<number>(12).fill(0xff)), 'a number has more than ten bytes'],
    ['a group, which is long retired', Buffer.from([0x0b]), 'a field has the unknown kind 3'],
  ])('refuses a file with %s', (_, bytes, reason) => {
    expect(() => parse(bytes)).toThrow(expect.objectContaining({ code: 'checkpoint_invalid' }) as Error)
    expect(() => parse(bytes)).toThrow(reason)
  })
})
