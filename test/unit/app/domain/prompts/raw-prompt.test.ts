import { describe, expect, it } from 'vitest'
import {
  composeRawPrompt,
  IMAGE_MARK,
  renderConversation,
} from '../../../../../app/domain/prompts/raw-prompt'
import { characterTokenizer } from '../../../../helpers/character-tokenizer'

function contentOf(text: string, options = {}): string {
  const { prompt } = composeRawPrompt(text, characterTokenizer, options)
  return prompt.replace('<|startoftext|><|User|>\n', '').replace('\n<|startoftext|><|Assistant|>\n', '')
}

describe('an official prompt from raw text', () => {
  it.each([
    ['bare marks are wrapped', '<image>\n<image>\nQ', {}, '<img><image></img>\n<img><image></img>\nQ'],
    [
      'one wrapped mark leaves all others bare',
      '<img><image></img> <image>?',
      {},
      '<img><image></img> <image>?',
    ],
    ['no mark is added', 'Q', {}, 'Q'],
    ['a video without frames loses its bracket', 'Q', { videoFrames: 0 }, '<vid</vid>Q'],
    ['a single frame is wrapped once', 'Q', { videoFrames: 1 }, '<vid><img><image></img</vid>Q'],
    [
      'only tiled pictures get tiles',
      '<image><image>',
      { tiles: [null, { rows: 2, columns: 1 }] },
      '<img><image></img><img><image>\n<img><image></img>\n<img><image></img></img>',
    ],
  ])('%s', (_, text, options, content) => {
    expect(contentOf(text, options)).toBe(content)
  })

  it('puts the mark of a picture between pieces that are tokenized one by one', () => {
    const { inputIds, prompt } = composeRawPrompt('<image>x', characterTokenizer)
    expect(inputIds.indexOf(IMAGE_MARK)).toBe(prompt.indexOf('<image>'))
    expect(inputIds).toHaveLength(prompt.length - '<image>'.length + 1)
  })
})

describe('the official conversation', () => {
  it('closes past replies with a newline in history, with the end token in training', () => {
    expect(renderConversation(['Q1', 'A1', 'Q2', null])).toBe(
      '<|startoftext|><|User|>\nQ1\n<|startoftext|><|Assistant|>\nA1\n<|startoftext|><|User|>\nQ2\n<|startoftext|><|Assistant|>\n',
    )
    expect(renderConversation(['Q1', 'A1', 'Q2', 'A2'], 'training')).toBe(
      '<|startoftext|><|User|>\nQ1\n<|startoftext|><|Assistant|>\nA1<|endoftext|><|startoftext|><|User|>\nQ2\n<|startoftext|><|Assistant|>\nA2<|endoftext|>',
    )
  })

  it('adds nothing to a reply that ends itself', () => {
    expect(renderConversation(['Q', 'A<|endoftext|>', 'Q', null])).toContain('A<|endoftext|><|startoftext|>')
  })
})
