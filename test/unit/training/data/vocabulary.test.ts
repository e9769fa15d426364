import { describe, expect, it } from 'vitest'
import { extendWordList, vocabularyWords } from '../../../../training/data/vocabulary'

describe('the word list', () => {
  it('begins with the names of what is drawn and holds their plurals, colours and captions', () => {
    const words = vocabularyWords()
    expect(words.slice(0, 3)).toEqual(['dog', 'cat', 'fish'])
    for (const word of [
      'butterflies',
      'gray',
      'Gray',
      'EXIT',
      'When',
      'when',
      'a',
      'A',
      'I',
      'foxes',
      'REPLAY',
    ]) {
      expect(words).toContain(word)
    }
    expect(new Set(words).size).toBe(words.length)
  })

  it('is extended at its end, so that no word changes its place', () => {
    expect(extendWordList(['dog', 'old'], ['cat', 'dog'], 3)).toEqual(['dog', 'old', 'cat'])
  })

  it('refuses more words than the vocabulary has room for', () => {
    expect(() => extendWordList(['dog', 'old'], ['cat'], 2)).toThrow('at most 2 words, got 3')
  })
})
