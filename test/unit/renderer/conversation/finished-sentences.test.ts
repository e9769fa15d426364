import { expect, it } from 'vitest'
import { finishedSentences, spokenText } from '../../../../renderer/features/conversation/finished-sentences'

it('speaks whole sentences and goes on behind them', () => {
  const text = 'A fox appears. It **jumps** over'
  const first = finishedSentences(text, 0)
  expect(first).toEqual({ spoken: 'A fox appears.', next: 14 })
  expect(finishedSentences(text, first.next)).toEqual({ spoken: '', next: 14 })
  expect(finishedSentences(`${text} it! `, first.next)).toEqual({ spoken: 'It jumps over it!', next: 36 })
})

it('takes a line for finished, and a decimal point for no end', () => {
  expect(finishedSentences('- a fox\n- 2.5 dogs', 0)).toEqual({ spoken: '- a fox', next: 8 })
})

it('leaves out the marks of typesetting', () => {
  expect(spokenText('## Two `foxes`\nand ~~a~~ dog')).toBe('Two foxes and a dog')
})
