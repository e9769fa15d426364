import { describe, expect, it } from 'vitest'
import { worded, type Draft } from '../../../../../../app/domain/world/questions/phrasing'
import { createRandom } from '../../../../../../app/domain/world/random'

const DRAFT: Draft = {
  task: 'where',
  key: 'where',
  phrasings: ['Where is {the}?', 'In which part of the picture is {the}?', 'Find {the}.'],
  slots: { the: 'the umbrella' },
  answer: 'At the top left.',
  sentence: 'The umbrella is at the top left.',
  accepted: ['top left'],
}

const MANY = Array.from({ length: 4000 }, (_, seed) => worded(createRandom('words', seed), DRAFT))
const share = (holds: (question: string) => boolean) =>
  MANY.filter(({ question }) => holds(question)).length / MANY.length

describe('putting a question into words', () => {
  it('uses the usual phrasing half of the time and everything else besides', () => {
    const usual = share((question) => question === 'Where is the umbrella?')

    expect(usual).toBeGreaterThan(0.45)
    expect(usual).toBeLessThan(0.62)
    const questions = new Set(MANY.map(({ question }) => question))
    expect(questions).toContain('where is the umbrella')
    expect(questions).toContain('Find the umbrella.')
    expect(questions).toContain('Please find the umbrella.')
    expect(questions).toContain('Where is the umbrella, please?')
    expect(questions).toContain('Please tell me: in which part of the picture is the umbrella?')
  })

  it('never mistypes what is asked about, and nothing when mistakes are turned off', () => {
    expect(share((question) => question.toLowerCase().includes('the umbrella'))).toBe(1)
    const clean =
      /^(?:where is|in which part of the picture is|.*find) the umbrella|^[A-Z][a-z ,]+[:,] (?:where|in which)/i
    expect(share((question) => !clean.test(question))).toBeGreaterThan(0)
    for (let seed = 0; seed < 1000; seed += 1) {
      const { question } = worded(createRandom('clean', seed), DRAFT, { typos: false })
      expect(question.toLowerCase()).toMatch(/where is the|in which part of the picture is the|find the/)
    }
  })

  it('answers in a full sentence when it is asked for one', () => {
    const full = MANY.filter(({ question }) => /sentence\.$/.test(question))

    expect(full.length / MANY.length).toBeGreaterThan(0.025)
    expect(full.length / MANY.length).toBeLessThan(0.055)
    expect(new Set(full.map(({ answer }) => answer))).toEqual(new Set(['The umbrella is at the top left.']))
    const short = MANY.find(({ question }) => question === 'Where is the umbrella?')
    expect(short).toEqual({
      task: 'where',
      question: 'Where is the umbrella?',
      answer: 'At the top left.',
      accepted: ['top left', 'The umbrella is at the top left.'],
    })
  })

  it('gives the same words for the same seed', () => {
    expect(worded(createRandom(7), DRAFT)).toEqual(worded(createRandom(7), DRAFT))
  })
})
