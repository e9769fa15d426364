import { describe, expect, it } from 'vitest'
import type { RequestMedia } from '../../../../app/domain/request'
import { createTokenizer } from '../../../../app/domain/tokenizer/create-tokenizer'
import { cachedTokenizer } from '../../../../training/data/cached-tokenizer'
import { trainedDescription } from '../../../../training/data/prompt-context'
import { composeSequence } from '../../../../training/data/training-sequence'
import { tinyTokenizerFile } from '../../../helpers/tiny-tokenizer'
import { readModel, tokenizerDataOf } from '../../../helpers/sentencepiece-reference'

const data = tokenizerDataOf(readModel(tinyTokenizerFile), [4, 5])
const tokenizer = createTokenizer(data)
const context = { description: trainedDescription(2048, 5), tokenizer }
const whole: RequestMedia = { kind: 'image', page: 0, width: 160, height: 160, tiled: false }

/** The sequence as text, one `■` for each position of a picture. */
function written(tokens: Int16Array): string {
  return [...tokens].map((id) => (id < 0 ? '■' : (data.pieces[id] ?? '?').replace('▁', ' '))).join('')
}

/** What is to be predicted, `·` for the rest. */
function masked(tokens: Int16Array, mask: Uint8Array): string {
  return written(tokens.map((id, at) => (mask[at] === 1 ? id : -1))).replaceAll(/■+/g, '·')
}

const picture25 = '■'.repeat(25)

describe('composeSequence', () => {
  it('gives the tokens of a conversation about one picture, and what of it is to be learnt', () => {
    const { tokens, mask, pictures, spans } = composeSequence(
      [
        { question: 'Is there a dog?', media: [whole], reply: 'No.', task: 3 },
        { question: 'Read it.', media: [], reply: 'EXIT 42', task: 7 },
      ],
      [812],
      context,
    )
    expect(written(tokens)).toBe(
      `<|startoftext|><|User|>\n<img>${picture25}</img> Is there a dog?\n<|startoftext|><|Assistant|>\n No.<|endoftext|>` +
        '<|startoftext|><|User|>\n Read it.\n<|startoftext|><|Assistant|>\n EXIT 42<|endoftext|>',
    )
    expect(masked(tokens, mask)).toBe('· No.<|endoftext|>· EXIT 42<|endoftext|>')
    expect([...tokens.slice(0, 6)]).toEqual([4, 6, 13, 8, -1, -1])
    expect([...tokens.slice(28, 31)]).toEqual([-1, 9, ...tokenizer.encode(' Is')])
    expect([...pictures]).toEqual([812])
    expect(spans).toEqual([
      { task: 3, start: 39, end: 42 },
      { task: 7, start: 52, end: 57 },
    ])
    expect([...mask].filter((one) => one === 1)).toHaveLength(8)
  })

  it('has the pictures of videos and tiles in the order of their positions', () => {
    const video: RequestMedia = {
      kind: 'video',
      frames: [
        { frame: 0, seconds: 0 },
        { frame: 1, seconds: 61 },
      ],
    }
    const tiled: RequestMedia = { kind: 'image', page: 0, width: 320, height: 160, tiled: true }
    const { tokens, pictures } = composeSequence(
      [{ question: 'Q', media: [video, tiled], reply: 'A', task: 0 }],
      [10, 11, 20, 30, 31],
      context,
    )
    expect(written(tokens).replaceAll(picture25, '■')).toBe(
      '<|startoftext|><|User|>\n<vid>00:00<img>■</img>01:01<img>■</img></vid>' +
        '<img>■\n<img>■</img><img>■</img></img> Q\n<|startoftext|><|Assistant|>\n A<|endoftext|>',
    )
    expect([...pictures]).toEqual([10, 11, 20, 30, 31])
  })

  it('refuses another number of pictures than the media have', () => {
    const turn = { question: 'Q', media: [whole], reply: 'A', task: 0 }
    expect(() => composeSequence([turn], [1, 2], context)).toThrow('1 pictures, got 2')
  })

  it('refuses texts that would be read as the end of a reply', () => {
    const turn = { question: 'Q', media: [], reply: 'A<|endoftext|>B', task: 0 }
    expect(() => composeSequence([turn], [], context)).toThrow('no string of the template')
    expect(() => composeSequence([], [], context)).toThrow('at least one turn')
  })
})

describe('the tokenizer that remembers', () => {
  it('gives the ids of the one behind it, at first and from memory', () => {
    const cached = cachedTokenizer(tokenizer, ['<|startoftext|>', '<|endoftext|>', '<img>', '</img>', '\n'])
    const texts = [
      '</img>103:59<img>',
      '</img></vid> What does <img>the\n\n text say?\n<|startoftext|><|Assistant|>\n EXIT 42<|endoftext|>',
      '<img< /img> ünd <|startoftext|>',
      '',
    ]
    for (const text of [...texts, ...texts]) {
      expect(cached.encode(text, { parseSpecial: true })).toEqual(
        tokenizer.encode(text, { parseSpecial: true }),
      )
      expect(cached.encode(text)).toEqual(tokenizer.encode(text))
    }
    expect(cached.decode([418])).toBe(' dog')
  })
})
