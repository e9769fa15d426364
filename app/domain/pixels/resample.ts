import { bicubicTable, WEIGHT_BITS, WEIGHT_HALF, type BicubicTable } from './bicubic-table'

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

function clampToByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value
}

/** One axis of a pass: weights that fall on the picture, and the sum of those that fall on the canvas around it. */
interface Axis {
  readonly table: BicubicTable
  readonly first: Int32Array
  readonly taps: Int32Array
  readonly weightStart: Int32Array
  readonly outside: Int32Array
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
  const taps = new Int32Array(windowSize)
  const weightStart = new Int32Array(windowSize)
  const outside = new Int32Array(windowSize)
  for (let i = 0; i < windowSize; i++) {
    const start = table.starts[i] ?? 0
    const count = table.counts[i] ?? 0
    const from = Math.max(start, offset)
    const to = Math.max(Math.min(start + count, offset + size), from)
    let sum = 0
    for (let j = start; j < start + count; j++) {
      if (j < from || j >= to) sum += table.weights[i * table.taps + j - start] ?? 0
    }
    first[i] = from - offset
    taps[i] = to - from
    weightStart[i] = i * table.taps + from - start
    outside[i] = sum
  }
  return { table, first, taps, weightStart, outside }
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
    const { width, height } = this.layout
    if (this.nRows + count > height) throw new RangeError(`expected ${height} rows, got more`)
    for (let row = 0; row < count; row++) {
      const target = this.nRows * this.layout.windowWidth * 3
      if (this.horizontal === null) this.copyRow(rgb, start + row * width * 3, target)
      else this.resizeRow(this.horizontal, rgb, start + row * width * 3, target)
      this.nRows += 1
    }
  }

  /** The window, [windowHeight, windowWidth, 3]. Call once, after every row was pushed. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.nRows !== this.layout.height) {
      throw new RangeError(`expected ${this.layout.height} rows, got ${this.nRows}`)
    }
    const { windowWidth, windowHeight } = this.layout
    const out = new Uint8Array(windowWidth * windowHeight * 3)
    if (this.vertical === null) this.placeRows(out)
    else this.resizeColumns(this.vertical, out)
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

  private resizeRow(axis: Axis, rgb: Uint8Array, source: number, target: number): void {
    const { first, taps, weightStart, outside } = axis
    const { weights } = axis.table
    const { windowWidth, fill } = this.layout
    const rows = this.rows
    const [fillRed, fillGreen, fillBlue] = fill
    let to = target
    for (let x = 0; x < windowWidth; x++) {
      const around = outside[x] as number
      let red = (WEIGHT_HALF + Math.imul(around, fillRed)) | 0
      let green = (WEIGHT_HALF + Math.imul(around, fillGreen)) | 0
      let blue = (WEIGHT_HALF + Math.imul(around, fillBlue)) | 0
      let from = source + (first[x] as number) * 3
      const weightFrom = weightStart[x] as number
      const weightEnd = weightFrom + (taps[x] as number)
      for (let k = weightFrom; k < weightEnd; k++, from += 3) {
        const weight = weights[k] as number
        red = (red + Math.imul(weight, rgb[from] as number)) | 0
        green = (green + Math.imul(weight, rgb[from + 1] as number)) | 0
        blue = (blue + Math.imul(weight, rgb[from + 2] as number)) | 0
      }
      rows[to] = clampToByte(red >> WEIGHT_BITS)
      rows[to + 1] = clampToByte(green >> WEIGHT_BITS)
      rows[to + 2] = clampToByte(blue >> WEIGHT_BITS)
      to += 3
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

  /** Row by row with one sum per sample: reads memory in order, which is what makes it quick. */
  private resizeColumns(axis: Axis, out: Uint8Array): void {
    const { first, taps, weightStart, outside } = axis
    const { weights } = axis.table
    const { windowWidth, windowHeight, fill } = this.layout
    const stride = windowWidth * 3
    const sums = new Int32Array(stride)
    const rows = this.rows
    for (let y = 0; y < windowHeight; y++) {
      const around = outside[y] as number
      for (let i = 0; i < stride; i++) sums[i] = WEIGHT_HALF + Math.imul(around, fill[i % 3] as number)
      const from = first[y] as number
      const weightFrom = weightStart[y] as number
      for (let k = 0; k < (taps[y] as number); k++) {
        const weight = weights[weightFrom + k] as number
        const row = (from + k) * stride
        for (let i = 0; i < stride; i++) {
          sums[i] = ((sums[i] as number) + Math.imul(weight, rows[row + i] as number)) | 0
        }
      }
      const target = y * stride
      for (let i = 0; i < stride; i++) out[target + i] = clampToByte((sums[i] as number) >> WEIGHT_BITS)
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
