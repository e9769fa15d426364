import { describe, expect, it } from 'vitest'
import { cellNames, NAME_COLUMNS, wordsByCell } from '../../../../../../app/domain/world/draw/cell-names'
import { framePlace } from '../../../../../../app/domain/world/draw/cell-targets'
import type { Scene } from '../../../../../../app/domain/world/scene'
import { captionOf, itemOf, sceneOf } from '../../../../../helpers/drawn-scene'
import { smallArt } from '../../../../../helpers/small-art'

function words(changes: Partial<Scene>): string[][] {
  const scene = sceneOf(changes)
  return wordsByCell(scene, smallArt, framePlace(scene))
}

describe('wordsByCell', () => {
  it('calls a thing by name, colour, place and size', () => {
    const square = itemOf({ kind: 'shape', name: 'square', color: 'blue', rgb: [0, 0, 200], x: 0.1, y: 0.9 })

    expect(words({ items: [square] })[20]).toEqual([' square', ' blue', ' bottom', ' left', ' large'])
  })

  it('gives the third of the canvas of the thing itself, not that of its cell', () => {
    // Cell 11 has its middle at 0.3 of the width; the thing stands beyond a third.
    expect(words({ items: [itemOf({ x: 0.35, size: 0.2 })] })[11]).toEqual([
      ' cat',
      ' middle',
      ' center',
      ' small',
    ])
  })

  it('calls bare cells by their background and place', () => {
    const photo = { kind: 'photo', photo: 0, left: 0, top: 0, scale: 1 } as const

    expect(words({})[0]).toEqual([' top', ' left', ' red'])
    expect(words({ background: photo })[12]).toEqual([' middle', ' center', ' photograph'])
  })

  it('has no words for padding', () => {
    const wide = words({ aspect: 16 / 9 })

    expect(wide[2]).toEqual([])
    expect(wide[5]).toEqual([' top', ' left', ' red'])
    expect(wide[22]).toEqual([])
  })

  it('reads caption words in one piece and numbers digit by digit', () => {
    const named = words({ caption: captionOf({ text: 'EXIT 42', drawn: 'Exit 42' }) })

    expect(named[11]).toEqual([' EXIT', ' text', ' middle', ' left'])
    expect(named[13]).toEqual(['4', ' text', ' middle', ' right'])
    expect(named[14]).toEqual(['2', ' text', ' middle', ' right'])
    expect(named[12]).toEqual([' middle', ' center', ' red'])
  })

  it('reads nothing that is unreadable, but knows in its middle that it is a text', () => {
    const named = words({ caption: captionOf({ unreadable: true }) })

    expect(named[12]).toEqual([' unreadable', ' text', ' middle', ' center'])
    expect(named[11]).toEqual([' middle', ' left', ' red'])
  })
})

describe('cellNames', () => {
  it('gives token ids in order, words once, characters as often as they are there, and −1 where there are no more', () => {
    const ids: Record<string, number> = { ' top': 7, ' left': 8, ' red': 9, '4': 14 }
    const scene = sceneOf({ caption: captionOf({ text: '44', drawn: '44', x: 0.1, y: 0.1 }) })
    const names = cellNames(scene, smallArt, (text) => ids[text])

    expect([...names.subarray(0, NAME_COLUMNS)]).toEqual([14, 14, 7, 8, -1, -1, -1, -1])
    expect([...names.subarray(12 * NAME_COLUMNS, 13 * NAME_COLUMNS)]).toEqual([9, -1, -1, -1, -1, -1, -1, -1])
  })
})
