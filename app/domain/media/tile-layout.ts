/** A rectangle in whole pixels. */
export interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Tile {
  readonly row: number
  readonly column: number
  /** The tile on the padded sheet. The last row or column is one pixel short when the padding is odd. */
  readonly onSheet: Rectangle
  /** The part of the picture that the tile shows, in the picture's pixels. Never empty. */
  readonly inPicture: Rectangle
  /** Where that part lies in the tile; the rest of the tile is white. */
  readonly offset: { readonly left: number; readonly top: number }
}

export interface TileLayout {
  readonly rows: number
  readonly columns: number
  /** White pixels on each side of the picture. */
  readonly padding: { readonly horizontal: number; readonly vertical: number }
  readonly sheet: { readonly width: number; readonly height: number }
  /** Row by row, left to right. */
  readonly tiles: readonly Tile[]
}

/** Rows and columns of tiles for a picture. */
export function tileGrid(width: number, height: number, side: number): { rows: number; columns: number } {
  for (const size of [width, height, side]) {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`expected whole sizes of at least 1, got ${size}`)
  }
  return { rows: Math.ceil(height / side), columns: Math.ceil(width / side) }
}

/**
 * How a large picture is cut into tiles (LONGLLAVA-FORMAT section 6, "bestFit"): never scaled, centred on a white
 * sheet. The padding is halved and rounded down on **both** sides, so an odd remainder leaves the sheet one pixel
 * short and its last tiles with it.
 *
 * @throws RangeError when a size is not a whole number of at least 1
 */
export function tileLayout(width: number, height: number, side: number): TileLayout {
  const { rows, columns } = tileGrid(width, height, side)
  const horizontal = Math.floor((side * columns - width) / 2)
  const vertical = Math.floor((side * rows - height) / 2)
  const sheet = { width: width + 2 * horizontal, height: height + 2 * vertical }
  const tiles = Array.from({ length: rows * columns }, (_, index): Tile => {
    const row = Math.floor(index / columns)
    const column = index % columns
    const x = cut(column, side, sheet.width, horizontal, width)
    const y = cut(row, side, sheet.height, vertical, height)
    return {
      row,
      column,
      onSheet: { left: x.start, top: y.start, width: x.length, height: y.length },
      inPicture: { left: x.from, top: y.from, width: x.to - x.from, height: y.to - y.from },
      offset: { left: x.offset, top: y.offset },
    }
  })
  return { rows, columns, padding: { horizontal, vertical }, sheet, tiles }
}

/** One axis of one tile: its span on the sheet, and the picture's part [from, to) in it. */
function cut(index: number, side: number, sheetLength: number, padding: number, pictureLength: number) {
  const start = index * side
  const length = Math.min(side, sheetLength - start)
  const from = Math.max(0, start - padding)
  const to = Math.min(pictureLength, start + length - padding)
  return { start, length, from, to, offset: from + padding - start }
}
