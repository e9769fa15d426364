import { describe, expect, it } from 'vitest'
import { OFF_TOPIC_QUESTIONS } from '../../../../../../app/domain/world/questions/off-topic-questions'
import { MORE_OFF_TOPIC_QUESTIONS } from '../../../../../../app/domain/world/questions/off-topic-training'
import { OUT_OF_WORLD_NOUNS } from '../../../../../../app/domain/world/questions/out-of-world-nouns'
import { unknownQuestions } from '../../../../../../app/domain/world/questions/unknown-questions'
import { pluralOfNoun } from '../../../../../../app/domain/world/questions/unknown-drafts'
import { vocabularyWords } from '../../../../../../app/domain/world/questions/vocabulary-words'
import { createRandom } from '../../../../../../app/domain/world/random'
import { WORLD_OBJECTS, WORLD_SHAPES } from '../../../../../../app/domain/world/scene'
import { askedOften, flat, PHOTO, picture, thing, video } from '../../../../../helpers/world-scenes'

const SCENE = picture(flat('blue'), [thing('dog', 0.5, 0.5)])

describe('questions that cannot be answered', () => {
  it('are said to be about something else', () => {
    const answers = askedOften((random) =>
      unknownQuestions(random, SCENE, { count: 1, tasks: ['off-topic'], canonicalOnly: true }),
    )

    expect(new Set(answers.values())).toEqual(new Set(['I can only answer questions about what I see.']))
    expect(answers.size).toBeGreaterThan(100)
  })

  it('name things outside the world, of a picture and of a video', () => {
    const options = { count: 1, tasks: ['out-of-world'] as const, canonicalOnly: true }
    const ofPicture = askedOften((random) => unknownQuestions(random, SCENE, options), 4000)
    const ofVideo = askedOften((random) => unknownQuestions(random, video(1, [[1, SCENE]]), options), 4000)

    expect(ofPicture.get('Is there a tiger?')).toBe('I do not know what that is.')
    expect(ofPicture.get('Where is the elephant?')).toBe('I do not know what that is.')
    expect(ofVideo.get('When does the lion appear?')).toBe('I do not know what that is.')
  })

  it('come in all five kinds', () => {
    const unknown = picture(PHOTO, [], 'NEWS', true)
    const tasks = new Set<string>()
    for (const scene of [SCENE, unknown, picture(PHOTO, [])]) {
      for (const { task } of unknownQuestions(createRandom(4), scene, { count: 5 })) tasks.add(task)
    }

    expect(tasks).toEqual(new Set(['absent', 'out-of-world', 'off-topic', 'nothing-known', 'unreadable']))
  })

  it('share no noun and no phrasing between training and test', () => {
    const { train, test } = OUT_OF_WORLD_NOUNS

    expect(train.length).toBeGreaterThan(150)
    expect(test.length).toBeGreaterThan(40)
    expect(test.filter((noun) => train.includes(noun))).toEqual([])
    expect(OFF_TOPIC_QUESTIONS.length).toBeGreaterThan(120)
    const asked = (split: 'train' | 'test') =>
      askedOften((random) =>
        unknownQuestions(
          random,
          { ...SCENE, split },
          { count: 1, tasks: ['off-topic'], canonicalOnly: true },
        ),
      )
    const known = new Set(OFF_TOPIC_QUESTIONS)
    const [inTraining, inTest] = [asked('train'), asked('test')]
    expect([...inTest.keys()].filter((question) => known.has(question) && inTraining.has(question))).toEqual(
      [],
    )
  })

  it('have more questions for training alone, each once', () => {
    expect(new Set(MORE_OFF_TOPIC_QUESTIONS).size).toBe(MORE_OFF_TOPIC_QUESTIONS.length)
    expect(MORE_OFF_TOPIC_QUESTIONS.filter((question) => OFF_TOPIC_QUESTIONS.includes(question))).toEqual([])
  })

  it('have nouns that are no names of the world, in a sound plural', () => {
    const names: readonly string[] = [...WORLD_OBJECTS, ...WORLD_SHAPES]
    const nouns = [...OUT_OF_WORLD_NOUNS.train, ...OUT_OF_WORLD_NOUNS.test]

    expect(nouns.filter((noun) => names.includes(noun))).toEqual([])
    expect(['fox', 'cherry', 'mouse', 'donkey', 'bench'].map(pluralOfNoun)).toEqual([
      ...['foxes', 'cherries', 'mice', 'donkeys', 'benches'],
    ])
  })

  it('bring words that the vocabulary does not have', () => {
    const words = new Set(vocabularyWords())

    expect(
      ['dog', 'dogs', 'Red', 'red', 'EXIT', 'What', 'what', 'column', 'I'].filter((word) => !words.has(word)),
    ).toEqual([])
    expect(OUT_OF_WORLD_NOUNS.test.filter((noun) => words.has(noun))).toEqual([])
  })
})
