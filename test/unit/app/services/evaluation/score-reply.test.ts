import { describe, expect, it } from 'vitest'
import { isAccepted, normalizedWords } from '../../../../../app/services/evaluation/score-reply'

describe('a reply counts as right', () => {
  it.for<[string, string[]]>([
    ['A dog and a red circle.', ['a dog and a red circle']],
    ['A red circle and a dog.', ['a dog and a red circle']],
    ['The dog, and red circle', ['A dog and a red circle.']],
    ['Red', ['Blue.', 'red']],
    ['Row 2, column 3', ['In row 2, column 3.']],
    ['In the top left', ['At the top left.']],
    ['“EXIT 42”', ['EXIT 42']],
    ['Ｅxit 42', ['EXIT 42']],
    ['Yes, there is a fox.', ['Yes.']],
    ['No.', ['no']],
    ['There are two scenes.', ['2']],
    ['3', ['three']],
    ['I count 12 of them at 00:03.', ['12']],
    ['At 0:12.', ['00:12']],
    ['It appears at 1:02:03', ['At 1:02:03.']],
    ['12', ['00012']],
    ['A.', ['A']],
    ['“a”', ['B', 'A']],
    ['Überraschung', ['überraschung']],
  ])('%j for %j', ([reply, answers]) => {
    expect(isAccepted(reply, answers)).toBe(true)
  })
})

describe('a reply counts as wrong', () => {
  it.for<[string, string[]]>([
    ['A dog.', ['a dog and a red circle']],
    ['The dog is red', ['red']],
    ['There is no dog; yes.', ['yes']],
    ['Between two and three.', ['2']],
    ['At 00:13.', ['00:12']],
    ['From 00:12 to 00:15', ['00:12']],
    ['At 12 seconds', ['00:12']],
    ['EXIT 43', ['EXIT 42']],
    ['42', ['ON 42']],
    ['', ['A']],
    ['The', ['A']],
    ['B', ['A']],
    ['…', ['—']],
    ['', ['yes']],
    ['', ['2']],
    ['…', ['no']],
  ])('%j for %j', ([reply, answers]) => {
    expect(isAccepted(reply, answers)).toBe(false)
  })
})

it('compares words in lower case, without articles, with numbers as digits and times in seconds', () => {
  expect(normalizedWords('The  Twelve CATS, at 1:30 — “a-b” 50%.')).toEqual([
    '12',
    'cats',
    'at',
    '@90',
    'a-b',
    '50%',
  ])
})
