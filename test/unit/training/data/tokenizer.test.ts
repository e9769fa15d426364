import { beforeAll, describe, expect, it } from 'vitest'
import { createTokenizer, type Tokenizer } from '../../../../app/domain/tokenizer/create-tokenizer'
import { vocabularyWords } from '../../../../training/data/vocabulary'
import {
  loadReference,
  readModel,
  tokenizerDataOf,
  type ReferenceTokenizer,
} from '../../../helpers/sentencepiece-reference'
import { tinyTokenizerFile } from '../../../helpers/tiny-tokenizer'

const data = tokenizerDataOf(readModel(tinyTokenizerFile), [4, 5])
let ours: Tokenizer
let reference: ReferenceTokenizer

beforeAll(async () => {
  ours = createTokenizer(data)
  reference = await loadReference(readModel(tinyTokenizerFile))
})

function pieces(text: string): string[] {
  return ours.encode(text, { parseSpecial: true }).map((id) => data.pieces[id] ?? '')
}

describe('the tokenizer of Longlens-Tiny', () => {
  it.each([
    '<|startoftext|><|User|>\n<vid>00:00<img>',
    '</img>103:59<img>',
    '</img></vid> What does the text say at 00:12?\n<|startoftext|><|Assistant|>\n EXIT 42 at 03:12.<|endoftext|>',
    ' Is there a catfish, a zebra  or “ünknown”?',
    'No space, <0x41> <|spare_3|> ▁ <unk>',
    '',
  ])('gives the ids of SentencePiece for %j', (text) => {
    const ids = ours.encode(text, { parseSpecial: true })
    expect(ids).toEqual(reference.encode(text))
    expect(ours.decode(ids)).toBe(text.replaceAll('▁', ' '))
  })

  it('has the ids that training relies on', () => {
    expect(
      ours.encode('<|startoftext|><|endoftext|><|User|><|Assistant|><img></img><vid></vid><image>\n'),
    ).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    expect(ours.encode('0923:00:59')).toEqual([14, 23, 16, 17, 24, 83])
    expect(data.pieces).toHaveLength(2048)
    expect(ours.encode(' dog')).toEqual([418])
  })

  it('has one token for every word that the world can say', () => {
    expect(vocabularyWords().filter((word) => ours.encode(` ${word}`).length !== 1)).toEqual([])
  })

  it('cuts words, digits and times as a person would', () => {
    expect(pieces(' Dogs? catfish EXIT 42 at 03:12.')).toEqual([
      ...['▁Dogs', '?', '▁cat', 'f', 'i', 's', 'h', '▁EXIT', '▁', '4', '2', '▁at', '▁', '0', '3', ':12', '.'],
    ])
  })
})
