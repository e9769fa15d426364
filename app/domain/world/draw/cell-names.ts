import type { Scene } from '../scene'
import type { ArtPack } from './art'
import {
  CELL_SIDE,
  CELLS,
  CELLS_ACROSS,
  cellAt,
  cellOfItem,
  framePlace,
  readableCaption,
  sizeClass,
  wordsOfLine,
  type FramePlace,
} from './cell-targets'
import { captionWordId } from './class-lists'
import { layOutCaption } from './lay-out-caption'

/** Most names of a cell. */
export const NAME_COLUMNS = 8

const SIZE_WORDS = ['', 'small', 'medium', 'large'] as const
const ROW_WORDS = ['top', 'middle', 'bottom'] as const
const COLUMN_WORDS = ['left', 'center', 'right'] as const

/** A word with its space, or a lone character, as a token id; undefined when it is not one token. */
export type TokenOf = (text: string) => number | undefined

/**
 * Vocabulary ids that the language model should find in each cell, [25, 8], −1 padding: what the thing with its centre
 * there is called, its colour, the caption word or digits with their middle there and that they are text, size, the third
 * of the canvas in both directions (of the thing itself when there is one), and in cells without thing and caption the
 * background.
 */
export function cellNames(scene: Scene, art: ArtPack, tokenOf: TokenOf): Int16Array {
  const place = framePlace(scene)
  const words = wordsByCell(scene, art, place)
  const names = new Int16Array(CELLS * NAME_COLUMNS).fill(-1)
  for (let cell = 0; cell < CELLS; cell += 1) {
    const ids: number[] = []
    for (const word of words[cell] ?? []) {
      const id = tokenOf(word)
      // Characters stand in order, as often as they are there.
      if (id !== undefined && (word.length === 1 || !ids.includes(id))) ids.push(id)
    }
    names.set(ids.slice(0, NAME_COLUMNS), cell * NAME_COLUMNS)
  }
  return names
}

/** What each cell is called, words with a space in front, the most important first. */
export function wordsByCell(scene: Scene, art: ArtPack, place: FramePlace): string[][] {
  const words = Array.from({ length: CELLS }, (): string[] => [])
  const zones = Array.from({ length: CELLS }, (_, cell) => zoneOfCell(cell, place))
  const sizes: (string | undefined)[] = []
  for (const item of scene.items) {
    const cell = cellOfItem(item, place)
    if (cell < 0) continue
    words[cell] = [` ${item.name}`, ...(item.color === undefined ? [] : [` ${item.color}`])]
    sizes[cell] = ` ${SIZE_WORDS[sizeClass(item, place)] ?? ''}`
    zones[cell] = zoneOf(item.x, item.y)
  }
  const captions = captionByCell(scene, art, place)
  return words.map((own, cell) => {
    const caption = captions[cell] ?? []
    const size = sizes[cell]
    const zone = zones[cell] ?? []
    const isBare = own.length === 0 && caption.length === 0 && zone.length > 0
    return [
      ...own,
      ...caption,
      ...zone,
      ...(size === undefined ? [] : [size]),
      ...(isBare ? [backgroundWord(scene)] : []),
    ]
  })
}

function backgroundWord({ background }: Scene): string {
  return background.kind === 'photo' ? ' photograph' : ` ${background.color}`
}

/** What holds text says so. Lexicon words where their middle is, characters of all else where theirs is. */
function captionByCell(scene: Scene, art: ArtPack, place: FramePlace): string[][] {
  const words = Array.from({ length: CELLS }, (): string[] => [])
  if (scene.caption?.unreadable === true) {
    const { left, right, y } = layOutCaption(scene.caption, art[scene.split].glyphs, place)
    words[cellAt((left + right) / 2 + place.left, y + place.top)]?.push(' unreadable', ' text')
    return words
  }
  const layout = readableCaption(scene, art[scene.split], place)
  if (layout === undefined || scene.caption === undefined) return words
  const y = layout.y + place.top
  for (const { word, start, left, right } of wordsOfLine(layout, scene.caption.text)) {
    if (captionWordId(word) > 0) {
      words[cellAt((left + right) / 2 + place.left, y)]?.push(` ${word}`)
      continue
    }
    for (let index = 0; index < word.length; index += 1) {
      const middle = layout.characters[start + index]?.middle ?? -1
      words[cellAt(middle + place.left, y)]?.push(word.charAt(index))
    }
  }
  return words.map((own) => (own.length === 0 ? own : [...own, ' text']))
}

/** The third of the canvas in which the middle of a cell lies; none for padding. */
function zoneOfCell(cell: number, { left, top, width, height }: FramePlace): string[] {
  const x = ((cell % CELLS_ACROSS) + 0.5) * CELL_SIDE
  const y = (Math.floor(cell / CELLS_ACROSS) + 0.5) * CELL_SIDE
  return zoneOf((x - left) / width, (y - top) / height)
}

function zoneOf(x: number, y: number): string[] {
  if (x < 0 || x >= 1 || y < 0 || y >= 1) return []
  return [` ${ROW_WORDS[Math.floor(y * 3)] ?? 'middle'}`, ` ${COLUMN_WORDS[Math.floor(x * 3)] ?? 'center'}`]
}
