import { expect, it } from 'vitest'
import { modelFacts } from '../../../../app/domain/model-facts'
import { officialDescription } from '../../../helpers/model-descriptions'

it('says what a model can be shown and asked, how much of it, and under which licence', () => {
  expect(modelFacts(officialDescription)).toEqual([
    { name: 'Can be shown', value: 'pictures, several pictures at once, large pictures in tiles, videos' },
    { name: 'Can be asked', value: 'questions that follow up on each other' },
    { name: 'Frames of a video', value: 'one a second, at most 128' },
    { name: 'Tokens of a picture', value: '144' },
    { name: 'Longest context', value: '262,144 tokens' },
    { name: 'Licence', value: 'MIT' },
  ])
})

it('says what a model cannot do, and nothing of videos where it takes none', () => {
  const facts = modelFacts({ ...officialDescription, abilities: ['image'] })
  expect(facts.slice(0, 3)).toEqual([
    { name: 'Can be shown', value: 'pictures' },
    { name: 'Can be asked', value: 'one question at a time' },
    { name: 'Tokens of a picture', value: '144' },
  ])
  expect(modelFacts({ ...officialDescription, abilities: [] })[0]?.value).toBe('nothing but text')
})

it('names the pace of a model that does not read a frame each second', () => {
  const facts = modelFacts({ ...officialDescription, video: { intervalSeconds: 2.5, maxFrames: 1024 } })
  expect(facts).toContainEqual({ name: 'Frames of a video', value: 'one every 2.5 seconds, at most 1,024' })
})
