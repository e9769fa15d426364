import { describe, expect, it } from 'vitest'
import { asText, splitBlocks } from '../../../../renderer/features/conversation/answer-blocks'

describe('splitBlocks', () => {
  it('cuts between paragraphs and headings', () => {
    expect(splitBlocks('# One\n\nFirst.\n\nSecond\nline.')).toEqual(['# One\n', 'First.\n', 'Second\nline.'])
  })

  it('keeps code fences whole, blank lines inside them too', () => {
    const fence = '```js\nlet a\n\nlet b\n```'
    expect(splitBlocks(`Before.\n\n${fence}\n\nAfter.`)).toEqual(['Before.\n', `${fence}\n`, 'After.'])
  })

  it('does not take a shorter fence inside for the end', () => {
    const fence = '````\n```\n\nx\n```\n````'
    expect(splitBlocks(`${fence}\n\nAfter.`)).toEqual([`${fence}\n`, 'After.'])
  })

  it('keeps a list with what is indented below its items', () => {
    const list = '1. one\n\n   more of one\n\n2. two'
    expect(splitBlocks(`${list}\n\nAfter.`)).toEqual([`${list}\n`, 'After.'])
  })

  it('continues a very long list in a block of its own', () => {
    const items = Array.from({ length: 60 }, (_, index) => `${index + 1}. ${'word '.repeat(10)}`)
    const blocks = splitBlocks(items.join('\n'))
    expect(blocks.length).toBe(3)
    expect(blocks[1]).toMatch(/^\d+\. word/)
  })

  it('loses nothing: joined, the blocks are the text', () => {
    const text = 'a\n\n- b\n\n  c\n\n```\nd\n\ne\n```\nf\n\n| g |\n| - |\n| h |\n\n\ni\n'
    expect(splitBlocks(text).join('\n')).toBe(text)
    expect(splitBlocks('').join('\n')).toBe('')
  })

  it('changes only its last block when text is added', () => {
    const text = 'First.\n\nSecond.\n\nThird, still com'
    const before = splitBlocks(text)
    const after = splitBlocks(`${text}ing.`)
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1))
  })
})

describe('asText', () => {
  it('keeps a number that is the whole answer from becoming an empty list', () => {
    expect(asText('2.')).toBe('2\\.')
    expect(asText('12) ')).toBe('12\\) ')
  })

  it('leaves lists and everything else as they are', () => {
    for (const block of ['1. one', '1. one\n2. two', '2', '2.5', 'Two.', '- '])
      expect(asText(block)).toBe(block)
  })
})
