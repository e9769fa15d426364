import { describe, expect, it } from 'vitest'
import { createTokenizer } from '../../app/domain/tokenizer/create-tokenizer'
import { TokenType } from '../../app/domain/tokenizer/tokenizer-data'
import { randomFrom } from '../helpers/sample-texts'
import {
  loadReference,
  tokenizerDataOf,
  writeModel,
  type VocabularyEntry,
} from '../helpers/sentencepiece-reference'

const alphabet = ['a', 'b', 'c', '\u2581', 'é', '😀', ',']

/** A made-up vocabulary: single characters (some missing), random longer pieces, tied scores, every type. */
function randomVocabulary(next: (below: number) => number): VocabularyEntry[] {
  const entries = new Map<string, VocabularyEntry>()
  const add = (text: string, score: number, type: number) => {
    if (text !== '' && !entries.has(text)) entries.set(text, { text, score, type })
  }
  add('<unk>', 0, TokenType.unknown)
  add('<s>', 0, TokenType.control)
  for (const character of alphabet) if (next(5) > 0) add(character, -next(8), TokenType.normal)
  add('z', -9, TokenType.normal)
  const pieces = Array.from({ length: 24 }, () =>
    Array.from({ length: 2 + next(4) }, () => alphabet[next(alphabet.length)] ?? '').join(''),
  )
  for (const piece of pieces) {
    const draw = next(10)
    const type = draw === 0 ? TokenType.userDefined : draw < 3 ? TokenType.unused : TokenType.normal
    // A merge needs the shorter pieces too, or BPE never gets there.
    for (let end = 2; end < piece.length; end += 1)
      add(piece.slice(0, end).toWellFormed(), -next(8), TokenType.normal)
    add(piece, -next(8), type)
  }
  return [...entries.values()]
}

function randomText(next: (below: number) => number): string {
  return Array.from(
    { length: next(40) },
    () => [...alphabet, ' ', 'q', 'λ'][next(alphabet.length + 3)] ?? '',
  ).join('')
}

function bytePieces(): VocabularyEntry[] {
  return Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    score: 0,
    type: TokenType.byte,
  }))
}

describe.each(['bpe', 'unigram'] as const)('a made-up %s vocabulary', (kind) => {
  it.each([
    { byteFallback: false, addDummyPrefix: false },
    { byteFallback: true, addDummyPrefix: false },
    { byteFallback: false, addDummyPrefix: true },
  ])('encodes and decodes as SentencePiece does with %o', async (options) => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const next = randomFrom(seed)
      const vocabulary = [...randomVocabulary(next), ...(options.byteFallback ? bytePieces() : [])]
      const model = writeModel(kind, vocabulary, options)
      const ours = createTokenizer(tokenizerDataOf(model))
      const reference = await loadReference(model)
      for (let round = 0; round < 60; round += 1) {
        const text = randomText(next)
        const ids = reference.encode(text)
        expect(ours.encode(text), `seed ${seed}: ${JSON.stringify(text)}`).toEqual(ids)
        expect(ours.decode(ids), `seed ${seed}: ${JSON.stringify(text)}`).toBe(reference.decode(ids))
      }
    }
  })
})
