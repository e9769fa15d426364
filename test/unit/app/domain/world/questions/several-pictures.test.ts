import { describe, expect, it } from 'vitest'
import { tileLayout } from '../../../../../../app/domain/media/tile-layout'
import type { WorldSet, WorldSheet } from '../../../../../../app/domain/world/composition'
import { setQuestions } from '../../../../../../app/domain/world/questions/set-questions'
import { sheetQuestions } from '../../../../../../app/domain/world/questions/sheet-questions'
import type { SceneItem, WorldTask } from '../../../../../../app/domain/world/scene'
import { askedOften, flat, PHOTO, picture, shape, thing } from '../../../../../helpers/world-scenes'

const SET: WorldSet = {
  pictures: [
    { clip: 1, phase: 0, scene: picture(flat('blue'), [thing('dog', 0.2, 0.2), thing('key', 0.8, 0.8)]) },
    { clip: 2, phase: 0, scene: picture(flat('blue'), [thing('dog', 0.5, 0.5)], 'GATE 7') },
    { clip: 3, phase: 0, scene: picture(PHOTO, [shape('red', 'star', 0.5, 0.5)]) },
  ],
}

function asked(task: WorldTask): Map<string, string> {
  return askedOften((random) => setQuestions(random, SET, { count: 3, tasks: [task], canonicalOnly: true }))
}

describe('questions about several pictures', () => {
  it('ask which picture has something that no other has', () => {
    const answers = asked('which-picture')

    expect(answers.get('Which picture shows a key?')).toBe('Picture 1.')
    expect(answers.get('Which picture shows a star?')).toBe('Picture 3.')
    expect(answers.get('Which picture shows the text GATE 7?')).toBe('Picture 2.')
    expect(answers.has('Which picture shows a dog?')).toBe(false)
    expect(answers.has('Which picture has a blue background?')).toBe(false)
  })

  it('compare pictures', () => {
    const answers = asked('compare')

    expect(answers.get('Which picture shows the most objects?')).toBe('Picture 1.')
    expect(answers.get('Are there more objects in picture 2 or in picture 1?')).toBe('Picture 1.')
    expect(answers.has('Are there more objects in picture 2 or in picture 3?')).toBe(false)
    expect(answers.get('What do picture 1 and picture 2 both show?')).toBe('A dog.')
    expect(answers.get('What do picture 1 and picture 3 both show?')).toBe('Nothing that I know.')
    expect(answers.get('Do picture 1 and picture 2 have the same background?')).toBe('Yes.')
  })

  it('count over all pictures', () => {
    const answers = asked('total')

    expect(answers.get('How many dogs are there in all pictures together?')).toBe('2.')
    expect(answers.get('How many stars are there in all pictures together?')).toBe('1.')
    expect(answers.get('How many objects are there in all pictures together?')).toBe('4.')
  })

  it('ask about one of them', () => {
    expect(asked('list').get('What is in picture 1?')).toBe('A dog and a key.')
    expect(asked('read').get('What does the text in picture 2 say?')).toBe('GATE 7')
    expect(asked('background').get('What is the background of picture 3?')).toBe('A photograph.')
    expect(asked('presence').get('Is there a dog in picture 3?')).toBe('No.')
    expect(asked('absent').get('Which picture shows a horse?')).toBe('There is no horse.')
  })
})

/** 3 rows of 2 tiles: a dog in row 3, column 1; two keys in row 1, column 2; a text in row 2, column 2. */
function makeSheet(): WorldSheet {
  const layout = tileLayout(320, 480, 160)
  const dog = thing('dog', 0.25, 0.9, 0.1)
  const keys = [thing('key', 0.6, 0.1, 0.1), thing('key', 0.85, 0.2, 0.1)]
  const items: readonly (readonly SceneItem[])[] = [[], keys, [], [], [dog], []]
  return {
    width: 320,
    height: 480,
    scene: { ...picture(flat('white'), [dog, ...keys], 'SALE'), aspect: 2 / 3 },
    layout,
    tiles: layout.tiles.map(({ row, column }, at) => ({
      row,
      column,
      scene: picture(flat('white'), items[at] ?? [], at === 3 ? 'SALE' : undefined),
      margin: { left: 0, top: 0, right: 0, bottom: 0 },
    })),
  }
}

describe('questions about a picture in tiles', () => {
  const asks = (task: WorldTask) =>
    askedOften((random) =>
      sheetQuestions(random, makeSheet(), { count: 3, tasks: [task], canonicalOnly: true }),
    )

  it('say in which row and column a thing of which there is one is', () => {
    expect(asks('tile-place')).toEqual(
      new Map([
        ['In which tile is the dog?', 'Row 3, column 1.'],
        ['In which tile is the text?', 'Row 2, column 2.'],
      ]),
    )
  })

  it('say what a tile shows', () => {
    const answers = asks('tile-what')

    expect(answers.get('What is in row 3, column 1?')).toBe('A dog.')
    expect(answers.get('What is in row 1, column 2?')).toBe('Two keys.')
    expect(answers.get('What is in row 1, column 1?')).toBe('Nothing that I know.')
    expect(answers.has('What is in row 2, column 2?')).toBe(false)
  })

  it('ask about the whole too', () => {
    expect(asks('count').get('How many keys are there?')).toBe('2.')
    expect(asks('read').get('What does the text say?')).toBe('SALE')
    expect(asks('absent').get('In which tile is the cat?')).toBe('There is no cat.')
  })
})
