import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imageQuestions } from '../../../../../../app/domain/world/questions/image-questions'
import { createRandom } from '../../../../../../app/domain/world/random'
import {
  WORLD_OBJECTS,
  type Scene,
  type SceneItem,
  type WorldTask,
} from '../../../../../../app/domain/world/scene'
import { isRight } from '../../../../../../app/domain/world/score-answer'
import { askedOften, flat, PHOTO, picture, shape, stranger, thing } from '../../../../../helpers/world-scenes'

/** A large dog at the top left, a small cat at the right, a red circle at the bottom left; EXIT 42 below. */
const ROOM = picture(
  flat('blue'),
  [thing('cat', 0.85, 0.5, 0.25), thing('dog', 0.15, 0.2, 0.4), shape('red', 'circle', 0.25, 0.8, 0.25)],
  'EXIT 42',
)

function asked(scene: Scene, task: WorldTask): Map<string, string> {
  return askedOften((random) =>
    imageQuestions(random, scene, { count: 3, tasks: [task], canonicalOnly: true }),
  )
}

describe('questions about a picture', () => {
  it('asks whether a thing is there', () => {
    const answers = asked(ROOM, 'presence')

    expect(answers.get('Is there a dog?')).toBe('Yes.')
    expect(answers.get('Is there a circle?')).toBe('Yes.')
    expect(answers.get('Is there a red circle?')).toBe('Yes.')
    expect(answers.get('Is there a blue circle?')).toBe('No.')
    expect(answers.get('Is there a rabbit?')).toBe('No.')
    expect(answers.get('Is there an apple?')).toBe('No.')
  })

  it('lists things from left to right', () => {
    expect(asked(ROOM, 'list').get('What do you see?')).toBe('A dog, a red circle and a cat.')
  })

  it('lists several of a kind together and leaves out what has no name', () => {
    const scene = picture(flat('blue'), [thing('key', 0.8, 0.2), stranger(0.5, 0.5), thing('key', 0.1, 0.2)])

    expect(asked(scene, 'list').get('What do you see?')).toBe('Two keys.')
  })

  it('lists nothing when there is only text', () => {
    const answers = asked(picture(PHOTO, [], 'OPEN'), 'list')

    expect(answers).toEqual(new Map([['What objects are there?', 'Nothing that I know.']]))
  })

  it('counts things of a kind, those that are not there too', () => {
    const scene = picture(flat('blue'), [
      shape('red', 'star', 0.1, 0.2),
      shape('red', 'star', 0.5, 0.2),
      shape('pink', 'star', 0.9, 0.2),
    ])
    const answers = asked(scene, 'count')

    expect(answers.get('How many stars are there?')).toBe('3.')
    expect(answers.get('How many red stars are there?')).toBe('2.')
    expect(answers.get('How many pink stars are there?')).toBe('1.')
    expect(answers.get('How many dogs are there?')).toBe('0.')
  })

  it('counts all things, unless one has no name', () => {
    expect(asked(ROOM, 'count-all').get('How many objects are there?')).toBe('3.')
    expect(asked(picture(flat('red'), [thing('dog', 0.2, 0.2), stranger(0.8, 0.8)]), 'count-all').size).toBe(
      0,
    )
    expect(asked(picture(PHOTO, []), 'count-all').size).toBe(0)
  })

  it('asks for the color of a shape of which there is one', () => {
    const twoStars = [shape('red', 'star', 0.1, 0.2), shape('pink', 'star', 0.9, 0.2)]

    expect(asked(ROOM, 'shape-color').get('What color is the circle?')).toBe('Red.')
    expect(asked(picture(flat('blue'), twoStars), 'shape-color').size).toBe(0)
  })

  it('names the background', () => {
    expect(asked(ROOM, 'background').get('What is the background?')).toBe('Blue.')
    expect(asked(picture(PHOTO, []), 'background').get('What is the background?')).toBe('A photograph.')
  })

  it('says where a thing or the text is', () => {
    expect(asked(ROOM, 'where')).toEqual(
      new Map([
        ['Where is the dog?', 'At the top left.'],
        ['Where is the cat?', 'At the right.'],
        ['Where is the circle?', 'At the bottom left.'],
        ['Where is the red circle?', 'At the bottom left.'],
        ['Where is the text?', 'At the bottom.'],
      ]),
    )
    expect(asked(picture(PHOTO, [thing('dog', 0.5, 0.5)]), 'where').get('Where is the dog?')).toBe(
      'In the center.',
    )
  })

  it('does not ask where a thing is that lies between two places', () => {
    expect(asked(picture(PHOTO, [thing('dog', 0.34, 0.5)]), 'where').size).toBe(0)
  })

  it('says what is at a place, or that there is nothing', () => {
    const scene = picture(flat('blue'), [thing('dog', 0.17, 0.17), thing('cat', 0.83, 0.83)])
    const answers = asked(scene, 'what-at')

    expect(answers.get('What is at the top left?')).toBe('A dog.')
    expect(answers.get('What is at the bottom right?')).toBe('A cat.')
    expect(answers.get('What is at the top right?')).toBe('Nothing that I know.')
    expect(asked(picture(PHOTO, [thing('dog', 0.5, 0.5, 0.5)]), 'what-at').has('What is at the left?')).toBe(
      false,
    )
  })

  it('relates two things in plain positions', () => {
    const scene = picture(flat('blue'), [thing('dog', 0.2, 0.5), thing('cat', 0.8, 0.55)])
    const answers = asked(scene, 'relation')

    expect(answers.get('Is the dog left of the cat?')).toBe('Yes.')
    expect(answers.get('Is the dog right of the cat?')).toBe('No.')
    expect(answers.get('Is the cat right of the dog?')).toBe('Yes.')
    expect(answers.get('What is left of the cat?')).toBe('A dog.')
    expect([...answers.keys()].some((question) => /above|below/.test(question))).toBe(false)
  })

  it('names the largest and the smallest thing where that is plain', () => {
    const answers = asked(
      picture(flat('blue'), [thing('dog', 0.2, 0.2, 0.5), thing('cat', 0.8, 0.8, 0.25)]),
      'largest',
    )

    expect(answers.get('What is the largest object?')).toBe('A dog.')
    expect(answers.get('What is the smallest object?')).toBe('A cat.')
    expect(answers.get('Which is larger, the cat or the dog?')).toBe('The dog.')
    expect(answers.get('Which is smaller, the cat or the dog?')).toBe('The cat.')
    const alike = picture(flat('blue'), [thing('dog', 0.2, 0.2, 0.3), thing('cat', 0.8, 0.8, 0.25)])
    expect(asked(alike, 'largest').size).toBe(0)
  })

  it('reads the text without a full stop', () => {
    expect(asked(ROOM, 'read').get('What does the text say?')).toBe('EXIT 42')
  })

  it('calls plain backgrounds dark or bright, and says nothing of the rest', () => {
    const question = 'Is the picture dark or bright?'

    expect(asked(picture(flat('black', [18, 18, 20]), []), 'brightness').get(question)).toBe('Dark.')
    expect(asked(picture(flat('white', [246, 246, 244]), []), 'brightness').get(question)).toBe('Bright.')
    expect(asked(ROOM, 'brightness').size).toBe(0)
    expect(asked(picture(PHOTO, []), 'brightness').size).toBe(0)
  })

  it('describes things, background and text', () => {
    const question = 'Describe the picture.'

    expect(asked(ROOM, 'describe').get(question)).toBe(
      'A dog, a red circle and a cat on a blue background, with the text EXIT 42.',
    )
    expect(asked(picture(flat('orange'), [], 'OPEN'), 'describe').get(question)).toBe(
      'The text OPEN on an orange background.',
    )
    expect(asked(picture(PHOTO, [thing('umbrella', 0.5, 0.5)]), 'describe').get(question)).toBe(
      'An umbrella on a photograph.',
    )
  })

  it('says of things that it takes for granted that they are not there', () => {
    const answers = asked(picture(flat('blue'), [shape('red', 'circle', 0.5, 0.5)]), 'absent')

    expect(answers.get('Where is the dog?')).toBe('There is no dog.')
    expect(answers.get('What color is the star?')).toBe('There is no star.')
    expect(answers.get('Where is the green circle?')).toBe('There is no green circle.')
    expect(answers.get('What does the text say?')).toBe('There is no text.')
    expect(answers.has('Where is the circle?')).toBe(false)
  })

  it('says that it knows nothing in a photograph, and that it cannot read what is too small', () => {
    expect(asked(picture(PHOTO, [stranger(0.5, 0.5)]), 'nothing-known').get('What do you see?')).toBe(
      'I see nothing that I know.',
    )
    expect(asked(ROOM, 'nothing-known').size).toBe(0)
    expect(asked(picture(PHOTO, [], 'NEWS', true), 'unreadable').get('What does the text say?')).toBe(
      'I cannot read the text.',
    )
    expect(asked(picture(PHOTO, [], 'NEWS', true), 'read').size).toBe(0)
  })

  it('gives different questions, one of each task before a second', () => {
    const questions = imageQuestions(createRandom(1), ROOM, { count: 11, canonicalOnly: true })

    expect(questions).toHaveLength(11)
    expect(new Set(questions.map(({ question }) => question)).size).toBe(11)
    expect(new Set(questions.map(({ task }) => task)).size).toBe(11)
  })
})

const anyItems = fc
  .array(
    fc.record({
      name: fc.constantFrom(...WORLD_OBJECTS.slice(0, 6)),
      x: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      y: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      size: fc.double({ min: 0.2, max: 0.5, noNaN: true }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((items): SceneItem[] => items.map(({ name, x, y, size }) => thing(name, x, y, size)))

describe('questions about any picture', () => {
  it('never answer with a thing that is not there, and accept their own answer', () => {
    fc.assert(
      fc.property(anyItems, fc.integer(), (items, seed) => {
        const shown = new Set<string>(items.map(({ name }) => name))
        const questions = imageQuestions(createRandom(seed), picture(flat('red'), items), { count: 12 })
        for (const question of questions) {
          expect(isRight(question.answer, question)).toBe(true)
          if (question.task === 'absent' || /^(No\b|0|There is no )/.test(question.answer)) continue
          for (const name of WORLD_OBJECTS) {
            if (!shown.has(name)) expect(question.answer).not.toMatch(new RegExp(`\\b${name}s?\\b`))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('ask for the place only of things of which there is one', () => {
    fc.assert(
      fc.property(anyItems, fc.integer(), (items, seed) => {
        const options = { count: 3, tasks: ['where'] as const, canonicalOnly: true }
        for (const { question } of imageQuestions(createRandom(seed), picture(PHOTO, items), options)) {
          const name = /^Where is the (\w+)\?$/.exec(question)?.[1]
          expect(items.filter((item) => item.name === name)).toHaveLength(1)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are as often answered with yes as with no', () => {
    let yes = 0
    const scenes = [ROOM, ROOM, ROOM, ROOM, picture(PHOTO, [])]
    const answers = Array.from({ length: 2000 }, (_, seed) =>
      imageQuestions(createRandom('balance', seed), scenes[seed % 5] ?? ROOM, {
        count: 1,
        tasks: ['presence'],
      }),
    ).flat()
    for (const { answer } of answers) if (answer.startsWith('Yes')) yes += 1

    expect(yes / answers.length).toBeGreaterThan(0.45)
    expect(yes / answers.length).toBeLessThan(0.55)
  })
})
