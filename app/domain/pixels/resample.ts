import { bicubicTable } from './bicubic-table'
import { blocksOf, packWeights, resamplePasses, type Axis } from './resample-passes'

/** Red, green, blue; 0…255. */
export type Colour = readonly [number, number, number]

/**
 * What is to be resized: a picture lying on a larger canvas of one colour. The canvas is never made: its constant part
 * enters the integer sums as colour × weight, which gives the same bits.
 */
export interface Layout {
  /** Size of the picture itself, pixels. */
  readonly width: number
  readonly height: number
  /** The canvas, and where the picture's top left corner lies on it. */
  readonly canvasWidth: number
  readonly canvasHeight: number
  readonly offsetX: number
  readonly offsetY: number
  readonly fill: Colour
  /** Size that the canvas is resized to. */
  readonly outWidth: number
  readonly outHeight: number
  /** The part of the result that is wanted. */
  readonly windowX: number
  readonly windowY: number
  readonly windowWidth: number
  readonly windowHeight: number
}

function makeAxis(
  canvas: number,
  out: number,
  offset: number,
  size: number,
  windowStart: number,
  windowSize: number,
): Axis {
  const table = bicubicTable(canvas, out, windowStart, windowSize)
  const first = new Int32Array(windowSize)
  const blocks = new Int32Array(windowSize)
  const weightStart = new Int32Array(windowSize)
  const outside = new Int32Array(windowSize)
  const stride = blocksOf(table.taps) * 8
  const weights = new Int16Array(windowSize * stride)
  for (let i = 0; i < windowSize; i++) {
    const start = table.starts[i] ?? 0
    const count = table.counts[i] ?? 0
    const from = Math.max(start, offset)
    const to = Math.max(Math.min(start + count, offset + size), from)
    let sum = 0
    for (let j = start; j < start + count; j++) {
      if (j < from || j >= to) sum += table.weights[i * table.taps + j - start] ?? 0
    }
    const inside = i * table.taps + from - start
    packWeights(table.weights.subarray(inside, inside + to - from), weights, i * stride)
    first[i] = from - offset
    blocks[i] = blocksOf(to - from)
    weightStart[i] = i * stride * weights.BYTES_PER_ELEMENT
    outside[i] = sum
  }
  return { first, blocks, weightStart, outside, weights }
}

/**
 * Resizes a picture that arrives row by row, with memory for one row and for the rows of the result of the horizontal
 * pass. Bit for bit what Pillow's `resize(…, BICUBIC)` gives for the whole canvas, then cropped to the window: two
 * passes on bytes, horizontal first, a pass that changes no size skipped.
 */
export class RowResampler {
  private readonly layout: Layout
  private readonly horizontal: Axis | null
  private readonly vertical: Axis | null
  /** Rows of the picture (not of the canvas) after the horizontal pass: [height, windowWidth, 3]. */
  private readonly rows: Uint8Array
  private nRows = 0

  constructor(layout: Layout) {
    const l = layout
    this.layout = l
    this.horizontal =
      l.canvasWidth === l.outWidth
        ? null
        : makeAxis(l.canvasWidth, l.outWidth, l.offsetX, l.width, l.windowX, l.windowWidth)
    this.vertical =
      l.canvasHeight === l.outHeight
        ? null
        : makeAxis(l.canvasHeight, l.outHeight, l.offsetY, l.height, l.windowY, l.windowHeight)
    this.rows = new Uint8Array(l.height * l.windowWidth * 3)
  }

  /** Takes the next `count` rows, [count, width, 3] from `start`. */
  push(rgb: Uint8Array, start: number, count: number): void {
    const { width, height, windowWidth, fill } = this.layout
    if (this.nRows + count > height) throw new RangeError(`expected ${height} rows, got more`)
    const target = this.nRows * windowWidth * 3
    this.nRows += count
    if (this.horizontal === null) {
      for (let row = 0; row < count; row++) {
        this.copyRow(rgb, start + row * width * 3, target + row * windowWidth * 3)
      }
      return
    }
    const source = { rgb, start, rowBytes: width * 3, count }
    resamplePasses().resizeRows(this.horizontal, source, fill, this.rows, target)
  }

  /** The window, [windowHeight, windowWidth, 3]. Call once, after every row was pushed. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.nRows !== this.layout.height) {
      throw new RangeError(`expected ${this.layout.height} rows, got ${this.nRows}`)
    }
    const { windowWidth, windowHeight, fill } = this.layout
    const out = new Uint8Array(windowWidth * windowHeight * 3)
    if (this.vertical === null) this.placeRows(out)
    else resamplePasses().resizeColumns(this.vertical, this.rows, windowWidth * 3, fill, out)
    return out
  }

  private copyRow(rgb: Uint8Array, source: number, target: number): void {
    const { windowX, windowWidth, offsetX, width, fill } = this.layout
    for (let x = 0; x < windowWidth; x++) {
      const column = x + windowX - offsetX
      const inside = column >= 0 && column < width
      for (let c = 0; c < 3; c++) {
        const value = inside ? rgb[source + column * 3 + c] : fill[c]
        this.rows[target + x * 3 + c] = value ?? 0
      }
    }
  }

  /** A canvas row without picture stays its colour in the horizontal pass: the weights sum to 2^22 give or take a few. */
  private placeRows(out: Uint8Array): void {
    const { windowY, windowWidth, windowHeight, offsetY, height, fill } = this.layout
    const stride = windowWidth * 3
    for (let y = 0; y < windowHeight; y++) {
      const row = y + windowY - offsetY
      if (row >= 0 && row < height) {
        out.set(this.rows.subarray(row * stride, (row + 1) * stride), y * stride)
      } else {
        for (let i = 0; i < stride; i++) out[y * stride + i] = fill[i % 3] ?? 0
      }
    }
  }
}

/** Resizes a whole picture, [height, width, 3], as `layout` says. */
export function resample(rgb: Uint8Array, layout: Layout): Uint8Array<ArrayBuffer> {
  if (rgb.length !== layout.width * layout.height * 3) {
    throw new RangeError(`expected ${layout.width}x${layout.height}x3 bytes, got ${rgb.length}`)
  }
  const resampler = new RowResampler(layout)
  resampler.push(rgb, 0, layout.height)
  return resampler.finish()
}
