import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTokenizer, type Tokenizer } from '../../app/domain/tokenizer/create-tokenizer'
import { sampleTexts } from '../helpers/sample-texts'
import {
  loadReference,
  readModel,
  sharedFile,
  tokenizerDataOf,
  type ReferenceTokenizer,
} from '../helpers/sentencepiece-reference'

const models = [
  { name: 'official BPE', file: sharedFile('golden/tokenizer.model') },
  { name: 'pilot unigram', file: sharedFile('pilot-model/tokenizer.model') },
]

describe.each(models)('the $name tokenizer', ({ file }) => {
  describe.skipIf(file.missing !== false)(
    file.missing === false ? 'against SentencePiece' : file.missing,
    () => {
      let ours: Tokenizer
      let reference: ReferenceTokenizer

      beforeAll(async () => {
        const model = readModel(file.path)
        ours = createTokenizer(tokenizerDataOf(model))
        reference = await loadReference(model)
      })

      it('gives the same ids for thousands of texts in many scripts', () => {
        for (const text of sampleTexts(5000, 1)) {
          expect(ours.encode(text), JSON.stringify(text)).toEqual(reference.encode(text.toWellFormed()))
        }
      })

      it('gives the same ids for random strings of any code points', () => {
        const anyString = fc.oneof(
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc.string({ unit: 'grapheme', maxLength: 60 }),
          fc.string({
            unit: fc.constantFrom(' ', '\n', '\t', '\0', ',', '1', 'a', '<', '|', '>', '\u2581'),
            maxLength: 120,
          }),
        )
        fc.assert(
          fc.property(anyString, (text) => {
            expect(ours.encode(text)).toEqual(reference.encode(text))
          }),
          { numRuns: 3000, seed: 7 },
        )
      })

      it('gives the same ids for long repetitive text', () => {
        for (const unit of [' ', 'a', 'ab', ' the', '\n', ',', '1', '你好', '😀', '</img><t><img>', ' \t']) {
          const text = unit.repeat(3000)
          expect(ours.encode(text), JSON.stringify(unit)).toEqual(reference.encode(text))
        }
      })

      it('decodes to the same text', () => {
        for (const text of sampleTexts(1500, 2)) {
          const ids = reference.encode(text.toWellFormed())
          // The reference's JavaScript wrapper loses a byte order mark at the beginning.
          expect(ours.decode(ids).replace(/^\ufeff/, ''), JSON.stringify(text)).toBe(reference.decode(ids))
        }
      })

      it('decodes any ids to the same text, also bytes that make no character', () => {
        const ids = fc.array(fc.oneof(fc.integer({ min: 0, max: 777 }), fc.integer({ min: 436, max: 691 })), {
          maxLength: 40,
        })
        fc.assert(
          fc.property(ids, (some) => {
            expect(ours.decode(some)).toBe(reference.decode(some))
          }),
          { numRuns: 1500, seed: 11 },
        )
      })
    },
  )
})
