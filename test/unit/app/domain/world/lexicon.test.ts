import { describe, expect, it } from 'vitest'
import { articleOf, CAPTION_WORDS, pluralOf, withArticle } from '../../../../../app/domain/world/lexicon'
import { WORLD_OBJECTS, WORLD_SHAPES } from '../../../../../app/domain/world/scene'

describe('words of the drawn world', () => {
  it('of captions are different capitals of at most 8 letters', () => {
    expect(CAPTION_WORDS.length).toBeGreaterThanOrEqual(150)
    expect(new Set<string>(CAPTION_WORDS).size).toBe(CAPTION_WORDS.length)
    for (const word of CAPTION_WORDS) expect(word).toMatch(/^[A-Z]{2,8}$/)
  })

  it('keep their places, which are the ids of trained models', () => {
    expect(CAPTION_WORDS.slice(0, 3)).toEqual(['EXIT', 'NEWS', 'LIVE'])
    expect(CAPTION_WORDS.indexOf('WELCOME')).toBe(154)
  })

  it('of several things are plurals', () => {
    expect(
      ['dog', 'bus', 'butterfly', 'strawberry', 'fish', 'key', 'star'].map((name) => pluralOf(name as 'dog')),
    ).toEqual(['dogs', 'buses', 'butterflies', 'strawberries', 'fish', 'keys', 'stars'])
  })

  it('have the article of their sound', () => {
    const names = [...WORLD_OBJECTS, ...WORLD_SHAPES]
    expect(names.filter((name) => articleOf(name) === 'an')).toEqual(['apple', 'airplane', 'umbrella'])
    expect(withArticle('orange circle')).toBe('an orange circle')
    expect(withArticle('guitar')).toBe('a guitar')
  })
})
