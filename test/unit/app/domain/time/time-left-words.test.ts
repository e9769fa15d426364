import { expect, it } from 'vitest'
import { timeLeftWords } from '../../../../../app/domain/time/time-left-words'

it.for([
  [null, ''],
  [0.2, ', about 1 s left'],
  [9.4, ', about 9 s left'],
  [89, ', about 89 s left'],
  [90, ', about 2 min left'],
  [5399, ', about 90 min left'],
  [5400, ', about 1.5 h left'],
] as const)('%d seconds left are said as "%s"', ([seconds, words]) => {
  expect(timeLeftWords(seconds)).toBe(words)
})
