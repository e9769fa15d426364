import type { Scene, SceneItem } from '../scene'
import type { ArtPack, ArtSplit } from './art'
import { captionWordId, characterClass, colorId, itemClass } from './class-lists'
import { paddingOf } from './draw-frame'
import { isShape, spriteCell } from './draw-scene'
import { signedDistance } from './draw-shape'
import { spriteAlpha } from './draw-sprite'
import { canvasWithin, placeItem, type PlacedItem } from './frame-geometry'
import { layOutCaption, type CaptionLayout } from './lay-out-caption'
import type { Raster } from './raster'

/** Side of the model's picture, of a cell (four patches make one), and cells per side. */
export const FRAME_SIDE = 160
export const CELL_SIDE = 32
export const CELLS_ACROSS = FRAME_SIDE / CELL_SIDE
export const CELLS = CELLS_ACROSS * CELLS_ACROSS

/** Columns of the targets of one cell. */
export const CellColumn = {
  item: 0,
  color: 1,
  size: 2,
  /** Four: top left, top right, bottom left, bottom right patch. */
  patches: 3,
  /** Four: the character with its middle in the first, second, third and last 8 pixels of the cell's width. */
  characters: 7,
  wordCenter: 11,
  wordCover: 12,
} as const
export const CELL_COLUMNS = 13

/** Columns of the targets of a whole frame. */
export const GlobalColumn = { background: 0, brightness: 1, items: 2, known: 3 } as const
export const GLOBAL_COLUMNS = 4

const CHARACTERS_PER_CELL = 4

/** Longest small and medium thing, in cells. */
const SMALL = 1.25
const MEDIUM = 1.75

/** Things and letters below this, in model pixels, cannot be told apart and have no targets: whole views have them. */
const LEAST_ITEM = 14
const LEAST_CAPITAL = 5

/** Points looked at along each side of a patch, and how many of a patch's must show a thing. */
const POINTS = 4
const LEAST_POINTS = 4

/** Least part of a cell's width that a word must cover, 0…1. */
const LEAST_COVER = 0.3

/** Mean levels between dark, middle and bright frames. */
const DARK = 80
const BRIGHT = 175

/** A scene's canvas inside the model's square. */
export interface FramePlace {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly top: number
}

export function framePlace(scene: Scene): FramePlace {
  const { width, height } = canvasWithin(scene.aspect, FRAME_SIDE)
  return { width, height, ...paddingOf(width, height) }
}

export interface FrameTargets {
  /** [25, 13] */
  readonly cells: Int16Array
  /** [4] */
  readonly globals: Int16Array
}

/**
 * What each cell of a drawn frame shows (classes: class-lists.ts).
 * frame: the scene drawn at 160 and padded; only its mean brightness is read.
 */
export function frameTargets(scene: Scene, art: ArtPack, frame: Raster): FrameTargets {
  const cells = new Int16Array(CELLS * CELL_COLUMNS)
  const place = framePlace(scene)
  const split = art[scene.split]
  for (const item of scene.items) writeItem(cells, item, place, split)
  const layout = readableCaption(scene, split, place)
  if (layout !== undefined && scene.caption !== undefined) {
    writeCharacters(cells, layout, scene.caption.text, place)
    writeWords(cells, layout, scene.caption.text, place)
  }
  const named = scene.items.filter(({ kind }) => kind !== 'unknown')
  const globals = new Int16Array(GLOBAL_COLUMNS)
  globals[GlobalColumn.background] = scene.background.kind === 'photo' ? 0 : colorId(scene.background.color)
  globals[GlobalColumn.brightness] = brightnessOf(frame, place)
  globals[GlobalColumn.items] = named.length
  globals[GlobalColumn.known] = named.length > 0 || scene.caption !== undefined ? 1 : 0
  return { cells, globals }
}

/** The cell of a point of the model's square, or −1. */
export function cellAt(x: number, y: number): number {
  const column = Math.floor(x / CELL_SIDE)
  const row = Math.floor(y / CELL_SIDE)
  if (column < 0 || column >= CELLS_ACROSS || row < 0 || row >= CELLS_ACROSS) return -1
  return row * CELLS_ACROSS + column
}

/** An item in pixels of the model's square. */
function placed(item: SceneItem, place: FramePlace): PlacedItem {
  const onCanvas = placeItem(item, place)
  return { ...onCanvas, x: onCanvas.x + place.left, y: onCanvas.y + place.top }
}

/** The cell that holds the centre of a thing that can be recognized; −1: none. */
export function cellOfItem(item: SceneItem, place: FramePlace): number {
  const { x, y, size } = placed(item, place)
  const isOnCanvas = item.x >= 0 && item.x < 1 && item.y >= 0 && item.y < 1
  return isOnCanvas && size >= LEAST_ITEM && item.kind !== 'unknown' ? cellAt(x, y) : -1
}

/** 1 small, 2 medium, 3 large. */
export function sizeClass(item: SceneItem, place: FramePlace): number {
  const cells = placed(item, place).size / CELL_SIDE
  return cells < SMALL ? 1 : cells < MEDIUM ? 2 : 3
}

function writeItem(cells: Int16Array, item: SceneItem, place: FramePlace, art: ArtSplit): void {
  const cell = cellOfItem(item, place)
  if (cell >= 0) {
    cells[cell * CELL_COLUMNS + CellColumn.item] = itemClass(item.name)
    cells[cell * CELL_COLUMNS + CellColumn.color] = colorId(item.color)
    cells[cell * CELL_COLUMNS + CellColumn.size] = sizeClass(item, place)
  }
  writePatches(cells, item, placed(item, place), place, art)
}

/** The last drawn thing that shows in a patch is its class; unknown things hide what is behind them. */
function writePatches(
  cells: Int16Array,
  item: SceneItem,
  at: PlacedItem,
  place: FramePlace,
  art: ArtSplit,
): void {
  if (at.size < LEAST_ITEM) return
  const isCovered = coverTest(item, at, art)
  const patchSide = CELL_SIDE / 2
  const across = FRAME_SIDE / patchSide
  const first = (centre: number) => Math.max(0, Math.floor((centre - at.size) / patchSide))
  const last = (centre: number) => Math.min(across - 1, Math.floor((centre + at.size) / patchSide))
  for (let row = first(at.y); row <= last(at.y); row += 1) {
    for (let column = first(at.x); column <= last(at.x); column += 1) {
      let points = 0
      for (let point = 0; point < POINTS * POINTS; point += 1) {
        const x = (column + ((point % POINTS) + 0.5) / POINTS) * patchSide
        const y = (row + (Math.floor(point / POINTS) + 0.5) / POINTS) * patchSide
        if (isOnCanvas(x, y, place) && isCovered(x, y)) points += 1
      }
      if (points < LEAST_POINTS) continue
      const cell = (row >> 1) * CELLS_ACROSS + (column >> 1)
      const patch = (row & 1) * 2 + (column & 1)
      cells[cell * CELL_COLUMNS + CellColumn.patches + patch] = itemClass(item.name)
    }
  }
}

function isOnCanvas(x: number, y: number, { left, top, width, height }: FramePlace): boolean {
  return x >= left && x < left + width && y >= top && y < top + height
}

function coverTest(item: SceneItem, at: PlacedItem, art: ArtSplit): (x: number, y: number) => boolean {
  const { name } = item
  if (isShape(name)) {
    return (x, y) => {
      const dx = (x - at.x) / at.size
      const dy = (y - at.y) / at.size
      return signedDistance(name, dx * at.cos + dy * at.sin, dy * at.cos - dx * at.sin) < 0
    }
  }
  const alphaAt = spriteAlpha(art.sprites, spriteCell(item, art), at, item.mirrored)
  return (x, y) => alphaAt(x, y) >= 128
}

/** Layout of a caption that can be read at the model's size, in pixels of its square. */
export function readableCaption(scene: Scene, art: ArtSplit, place: FramePlace): CaptionLayout | undefined {
  const { caption } = scene
  if (caption === undefined || caption.unreadable === true) return undefined
  const layout = layOutCaption(caption, art.glyphs, place)
  return layout.capital >= LEAST_CAPITAL ? layout : undefined
}

/** Where letters are narrower than their slot, the second of two moves on to the next slot if that is free. */
function writeCharacters(cells: Int16Array, layout: CaptionLayout, text: string, place: FramePlace): void {
  layout.characters.forEach(({ middle }, index) => {
    const character = characterClass(text[index] ?? '')
    const x = middle + place.left
    const cell = cellAt(x, layout.y + place.top)
    if (character === 0 || cell < 0) return
    const first = cell * CELL_COLUMNS + CellColumn.characters
    const slot = Math.floor(((x % CELL_SIDE) / CELL_SIDE) * CHARACTERS_PER_CELL)
    const free = [slot, slot + 1].find((at) => at < CHARACTERS_PER_CELL && cells[first + at] === 0)
    if (free !== undefined) cells[first + free] = character
  })
}

/** A word of a laid out line. */
export interface CaptionSpan {
  readonly word: string
  /** Index of its first character in the line. */
  readonly start: number
  readonly left: number
  readonly right: number
}

export function wordsOfLine({ characters, right }: CaptionLayout, text: string): CaptionSpan[] {
  const spans: CaptionSpan[] = []
  let start = 0
  for (const word of text.split(' ')) {
    const end = start + word.length
    spans.push({
      word,
      start,
      left: characters[start]?.pen ?? right,
      right: characters[end]?.pen ?? right,
    })
    start = end + 1
  }
  return spans
}

function writeWords(cells: Int16Array, layout: CaptionLayout, text: string, place: FramePlace): void {
  const y = layout.y + place.top
  const cover = new Float64Array(CELLS)
  for (const { word, left, right } of wordsOfLine(layout, text)) {
    const id = captionWordId(word)
    if (id === 0) continue
    const center = cellAt((left + right) / 2 + place.left, y)
    if (center >= 0) cells[center * CELL_COLUMNS + CellColumn.wordCenter] = id
    for (let column = 0; column < CELLS_ACROSS; column += 1) {
      const from = Math.max(left + place.left, column * CELL_SIDE)
      const to = Math.min(right + place.left, (column + 1) * CELL_SIDE)
      const cell = cellAt(column * CELL_SIDE, y)
      if (cell < 0 || to - from < LEAST_COVER * CELL_SIDE || to - from <= (cover[cell] as number)) continue
      cover[cell] = to - from
      cells[cell * CELL_COLUMNS + CellColumn.wordCover] = id
    }
  }
}

/** 0 dark, 1 middle, 2 bright: by the mean level of every fourth pixel of every fourth row. */
function brightnessOf({ width, data }: Raster, place: FramePlace): number {
  let sum = 0
  let count = 0
  for (let y = place.top; y < place.top + place.height; y += 4) {
    for (let x = place.left; x < place.left + place.width; x += 4) {
      const at = (y * width + x) * 3
      sum += 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0)
      count += 1
    }
  }
  const mean = sum / count
  return mean < DARK ? 0 : mean > BRIGHT ? 2 : 1
}
