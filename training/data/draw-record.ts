import { applyEffects } from '../../app/domain/world/draw/apply-effects'
import type { ArtPack } from '../../app/domain/world/draw/art'
import { cellNames, NAME_COLUMNS, type TokenOf } from '../../app/domain/world/draw/cell-names'
import {
  CELL_COLUMNS,
  CellColumn,
  CELLS,
  FRAME_SIDE,
  frameTargets,
  GLOBAL_COLUMNS,
  GlobalColumn,
} from '../../app/domain/world/draw/cell-targets'
import { CAPTION_ALPHABET, ITEM_CLASSES } from '../../app/domain/world/draw/class-lists'
import { drawCaption } from '../../app/domain/world/draw/draw-caption'
import { drawFrame, drawTile } from '../../app/domain/world/draw/draw-frame'
import type { Raster } from '../../app/domain/world/draw/raster'
import { CAPTION_WORDS } from '../../app/domain/world/lexicon'
import { WORLD_COLORS, type SceneEffects, type WorldSplit } from '../../app/domain/world/scene'
import type { DrawnFrame } from './draw-units'

const NO_EFFECTS: SceneEffects = { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 0 }

export const DRAW_KINDS = ['primer', 'mixed', 'figures', 'review', 'clips', 'sheets', 'stills'] as const
export type DrawKind = (typeof DRAW_KINDS)[number]

export interface DrawRequest {
  readonly kind: DrawKind
  readonly split: WorldSplit
  readonly seed: number
  readonly start: number
  readonly count: number
  readonly batch: number
}

/** The first line of the stream: what the numbers of the records mean. Classes count from 1; 0 is "none". */
export function drawHeader({ kind, split, seed, start, count, batch }: DrawRequest): string {
  const header = {
    stream: 'draw',
    version: 1,
    ...{ kind, split, seed, start, count, batch },
    side: FRAME_SIDE,
    cells: CELLS,
    cell_columns: CELL_COLUMNS,
    global_columns: GLOBAL_COLUMNS,
    name_columns: NAME_COLUMNS,
    items: ITEM_CLASSES,
    colors: WORLD_COLORS,
    characters: CAPTION_ALPHABET,
    words: CAPTION_WORDS,
  }
  return JSON.stringify(header) + '\n'
}

/** One record: u32 n, then pixels, cells, globals and names of all frames. */
export function drawRecord(frames: readonly DrawnFrame[], art: ArtPack, tokenOf: TokenOf): Uint8Array {
  const n = frames.length
  const pixelBytes = FRAME_SIDE * FRAME_SIDE * 3
  const columns = [CELLS * CELL_COLUMNS, GLOBAL_COLUMNS, CELLS * NAME_COLUMNS] as const
  const record = new Uint8Array(4 + n * (pixelBytes + 2 * (columns[0] + columns[1] + columns[2])))
  new DataView(record.buffer).setUint32(0, n, true)
  // Every place in the record is even, and every machine that this runs on is little-endian.
  const shorts = new Int16Array(record.buffer)
  const cellsAt = 2 + (n * pixelBytes) / 2
  const globalsAt = cellsAt + n * columns[0]
  const namesAt = globalsAt + n * columns[1]
  frames.forEach((drawn, index) => {
    const { pixels, cells, globals, names } = drawWithTargets(drawn, art, tokenOf)
    record.set(pixels, 4 + index * pixelBytes)
    shorts.set(cells, cellsAt + index * columns[0])
    shorts.set(globals, globalsAt + index * columns[1])
    shorts.set(names, namesAt + index * columns[2])
  })
  return record
}

function drawUnit({ scene, tile, lines }: DrawnFrame, art: ArtPack): Raster {
  if (tile !== undefined) return drawTile(tile, art, FRAME_SIDE)
  if (lines === undefined) return drawFrame(scene, art, FRAME_SIDE)
  const page = drawFrame({ ...scene, effects: NO_EFFECTS }, art, FRAME_SIDE)
  for (const line of lines) drawCaption(page, line, art[scene.split].glyphs)
  applyEffects(page, scene.effects, 1)
  return page
}

function drawWithTargets(drawn: DrawnFrame, art: ArtPack, tokenOf: TokenOf) {
  const { scene, lines = [] } = drawn
  const frame = drawUnit(drawn, art)
  const { cells, globals } = frameTargets(scene, art, frame)
  const names = cellNames(scene, art, tokenOf)
  for (const caption of lines) {
    const withLine = { ...scene, caption }
    const line = frameTargets(withLine, art, frame).cells
    const lineNames = cellNames(withLine, art, tokenOf)
    globals[GlobalColumn.known] = 1
    for (let cell = 0; cell < CELLS; cell += 1) {
      const from = cell * CELL_COLUMNS + CellColumn.characters
      const text = line.subarray(from, (cell + 1) * CELL_COLUMNS)
      if (!text.some((value) => value > 0)) continue
      cells.set(text, from)
      names.set(lineNames.subarray(cell * NAME_COLUMNS, (cell + 1) * NAME_COLUMNS), cell * NAME_COLUMNS)
    }
  }
  return { pixels: frame.data, cells, globals, names }
}
