import { setImmediate as nextTurn } from 'node:timers/promises'
import { tileLayout } from '../../domain/media/tile-layout'
import type { ImageProcessing } from '../../domain/model-description'
import { modelInputLayout, toModelInput } from '../../domain/pixels/model-input'
import { RowResampler } from '../../domain/pixels/resample'
import { throwIfCancelled } from './file-identity'
import type { PixelSource } from './pixel-source'

const WHITE = 255
/** Resizing this many bytes holds up the thread for some milliseconds. */
const BYTES_AT_ONCE = 1 << 20

export interface RgbImage {
  readonly width: number
  readonly height: number
  /** [height, width, 3]. */
  readonly rgb: Uint8Array
}

/**
 * The whole picture as the model's input, [side, side, 3], strip by strip: for pictures that are too large for memory.
 */
export async function wholeInput(
  source: PixelSource,
  processing: ImageProcessing,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { width, height } = source
  const resampler = new RowResampler(modelInputLayout(width, height, processing))
  const rowsOf = (bytes: number) => Math.max(1, Math.floor(bytes / (width * 3)))
  for (let top = 0; top < height; top += rowsOf(source.stripBytes)) {
    throwIfCancelled(signal)
    const rows = Math.min(rowsOf(source.stripBytes), height - top)
    const strip = await source.readRegion(0, top, width, rows)
    for (let row = 0; row < rows; row += rowsOf(BYTES_AT_ONCE)) {
      // Gives way to whatever waits for this thread.
      await nextTurn()
      resampler.push(strip, row * width * 3, Math.min(rowsOf(BYTES_AT_ONCE), rows - row))
    }
  }
  return resampler.finish()
}

/** One tile of the official sheet, at its own size: `side` square, or one pixel short in the last row or column. */
export async function readTile(
  source: PixelSource,
  side: number,
  row: number,
  column: number,
): Promise<RgbImage> {
  const layout = tileLayout(source.width, source.height, side)
  const tile = layout.tiles[row * layout.columns + column]
  if (tile?.row !== row || tile.column !== column) {
    throw new RangeError(`expected a tile of ${layout.rows} x ${layout.columns}, got ${row}, ${column}`)
  }
  const { inPicture, offset, onSheet } = tile
  const part = await source.readRegion(inPicture.left, inPicture.top, inPicture.width, inPicture.height)
  const rgb = new Uint8Array(onSheet.width * onSheet.height * 3).fill(WHITE)
  const stride = inPicture.width * 3
  for (let y = 0; y < inPicture.height; y++) {
    const to = ((offset.top + y) * onSheet.width + offset.left) * 3
    rgb.set(part.subarray(y * stride, (y + 1) * stride), to)
  }
  return { width: onSheet.width, height: onSheet.height, rgb }
}

/** One tile as the model's input, [side, side, 3]; a short one is squared with the mean colour like any picture. */
export async function tileInput(
  source: PixelSource,
  processing: ImageProcessing,
  row: number,
  column: number,
): Promise<Uint8Array> {
  const { rgb, width, height } = await readTile(source, processing.side, row, column)
  return toModelInput(rgb, width, height, processing)
}
