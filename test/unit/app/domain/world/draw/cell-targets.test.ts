import { describe, expect, it } from 'vitest'
import {
  CELL_COLUMNS,
  CellColumn,
  CELLS,
  FRAME_SIDE,
  frameTargets,
  GlobalColumn,
} from '../../../../../../app/domain/world/draw/cell-targets'
import { CAPTION_ALPHABET, ITEM_CLASSES } from '../../../../../../app/domain/world/draw/class-lists'
import { drawFrame } from '../../../../../../app/domain/world/draw/draw-frame'
import { CAPTION_WORDS } from '../../../../../../app/domain/world/lexicon'
import type { Scene } from '../../../../../../app/domain/world/scene'
import { captionOf, itemOf, sceneOf } from '../../../../../helpers/drawn-scene'
import { smallArt } from '../../../../../helpers/small-art'

const CAT = 2
const SQUARE = 42

function targetsOf(changes: Partial<Scene>) {
  const scene = sceneOf(changes)
  return frameTargets(scene, smallArt, drawFrame(scene, smallArt, FRAME_SIDE))
}

/** Cell → value of one column, of cells where it is not 0. */
function column(changes: Partial<Scene>, at: number): Record<number, number> {
  const { cells } = targetsOf(changes)
  const found: Record<number, number> = {}
  for (let cell = 0; cell < CELLS; cell += 1) {
    const value = cells[cell * CELL_COLUMNS + at] ?? 0
    if (value !== 0) found[cell] = value
  }
  return found
}

/** Cell → the characters in its four slots, `·` for an empty one, of cells that have any. */
function characters(changes: Partial<Scene>): Record<number, string> {
  const found: Record<number, string> = {}
  const { cells } = targetsOf(changes)
  for (let cell = 0; cell < CELLS; cell += 1) {
    const start = cell * CELL_COLUMNS + CellColumn.characters
    const text = [...cells.subarray(start, start + 4)].map((id) =>
      id === 0 ? '·' : CAPTION_ALPHABET[id - 1],
    )
    if (text.join('') !== '····') found[cell] = text.join('')
  }
  return found
}

const blueSquare = itemOf({ kind: 'shape', name: 'square', color: 'blue', rgb: [0, 0, 200] })

describe('classes', () => {
  it('count objects first, then shapes, from 1', () => {
    expect([ITEM_CLASSES[CAT - 1], ITEM_CLASSES[SQUARE - 1], ITEM_CLASSES.length]).toEqual([
      'cat',
      'square',
      44,
    ])
  })
})

describe('items', () => {
  it('are in the cell of their centre, with colour and size', () => {
    const items = [itemOf({ x: 0.1, y: 0.3, size: 0.2 }), { ...blueSquare, x: 0.7, y: 0.7, size: 0.3 }]

    // Cell row 1, column 0; row 3, column 3. Blue is the fifth colour; 32 pixels are small, 48 medium.
    expect(column({ items }, CellColumn.item)).toEqual({ 5: CAT, 18: SQUARE })
    expect(column({ items }, CellColumn.color)).toEqual({ 18: 5 })
    expect(column({ items }, CellColumn.size)).toEqual({ 5: 1, 18: 2 })
  })

  it('are placed on the padded square', () => {
    const items = [itemOf({ x: 0.5, y: 0.1, size: 0.3 })]

    // A canvas of 160 x 90 begins 35 pixels down: 35 + 9 lies in row 1.
    expect(column({ aspect: 16 / 9, items }, CellColumn.item)).toEqual({ 7: CAT })
  })

  it('cover the patches that they show in', () => {
    // From 48 to 112: columns 3 to 6 of the ten patches, both ways.
    const { cells } = targetsOf({ items: [itemOf({ size: 0.4 })] })
    const patches = Array.from({ length: 100 }, (_, patch) => {
      const [row, across] = [Math.floor(patch / 10), patch % 10]
      const cell = Math.floor(row / 2) * 5 + Math.floor(across / 2)
      return cells[cell * CELL_COLUMNS + CellColumn.patches + (row % 2) * 2 + (across % 2)]
    })
    const covered = patches.flatMap((value, patch) => (value === CAT ? [patch] : []))

    expect(covered).toEqual([33, 34, 35, 36, 43, 44, 45, 46, 53, 54, 55, 56, 63, 64, 65, 66])
    expect(patches.filter((value) => value !== 0)).toHaveLength(16)
  })

  it('cover only what their drawing fills', () => {
    // The second drawing of a dog is its left half.
    const items = [itemOf({ name: 'dog', drawing: 1, size: 0.4 })]

    expect(column({ items }, CellColumn.patches)).toEqual({ 12: 1, 17: 1 })
    expect(
      column({ items: [{ ...items[0], mirrored: true } as (typeof items)[0]] }, CellColumn.patches),
    ).toEqual({
      13: 1,
      18: 1,
    })
  })

  it('hide the patches of what was drawn before them', () => {
    const hidden = column(
      { items: [itemOf({ size: 0.4 }), { ...blueSquare, size: 0.2 }] },
      CellColumn.patches,
    )

    expect(hidden[12]).toBe(SQUARE)
    expect(
      column({ items: [itemOf({ size: 0.4 }), itemOf({ kind: 'unknown', name: 'unknown', size: 0.4 })] }, 3),
    ).toEqual({ 13: CAT, 18: CAT })
  })

  it('without a name, too small to be seen or outside have no class', () => {
    const unknown = itemOf({ kind: 'unknown', name: 'unknown' })
    const tiny = itemOf({ size: 0.05, x: 0.2 })
    const outside = itemOf({ x: -0.1 })

    expect(column({ items: [unknown, tiny, outside] }, CellColumn.item)).toEqual({})
  })
})

describe('captions', () => {
  it('have their characters in the cells and slots of their middles', () => {
    // Letters of 16 pixels advance: middles at 56, 72, 88, 104.
    expect(characters({ caption: captionOf() })).toEqual({ 11: '···E', 12: '·X·I', 13: '·T··' })
  })

  it('have their words where the middle is, and where they cover most', () => {
    const caption = captionOf({ text: 'EXIT 42', drawn: 'exit 42' })
    const exit = CAPTION_WORDS.indexOf('EXIT') + 1

    // The line runs from 24 to 136, the word from 24 to 88.
    expect(column({ caption }, CellColumn.wordCenter)).toEqual({ 11: exit })
    expect(column({ caption }, CellColumn.wordCover)).toEqual({ 11: exit, 12: exit })
    expect(characters({ caption })).toEqual({ 11: 'E·X·', 12: 'I·T·', 13: '··4·', 14: '2···' })
  })

  it('that cannot be read have none', () => {
    expect(characters({ caption: captionOf({ unreadable: true }) })).toEqual({})
    expect(characters({ caption: captionOf({ height: 0.025 }) })).toEqual({})
  })

  it('move a character on where its slot is taken, and keep four of a cell', () => {
    // Seven pixels advance: from 62.5 on; middles 66, 73, 80, 87, 94.
    const caption = captionOf({ text: '10:42', drawn: '10:42', height: 0.04375 })

    expect(characters({ caption })).toEqual({ 12: '10:4' })
  })
})

describe('frames', () => {
  const globals = (changes: Partial<Scene>) => [...targetsOf(changes).globals]

  it('tell background, brightness, things with a name and whether anything is known', () => {
    expect(GlobalColumn).toEqual({ background: 0, brightness: 1, items: 2, known: 3 })
    expect(globals({ items: [itemOf(), itemOf({ kind: 'unknown', name: 'unknown', x: 0.1 })] })).toEqual([
      1, 0, 1, 1,
    ])
    expect(globals({ background: { kind: 'flat', color: 'white', rgb: [250, 250, 250] } })).toEqual([
      10, 2, 0, 0,
    ])
    expect(globals({ background: { kind: 'photo', photo: 0, left: 0, top: 0, scale: 1 } })).toEqual([
      0, 1, 0, 0,
    ])
  })

  it('are known by a caption alone', () => {
    expect(globals({ caption: captionOf() })[GlobalColumn.known]).toBe(1)
  })
})
