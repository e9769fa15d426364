import { RESAMPLE_PASSES } from './resample-passes-binary'

/** Sums of 32-bit integers, exact whatever their order; the code is in resample-passes.wat. */

/** What TypeScript's library without a browser leaves out; the names are those of the standard. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: Passes }
}

interface Passes {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  resizeRows(
    rgb: number,
    rowBytes: number,
    nRows: number,
    axis: number,
    columns: number,
    fill: number,
    out: number,
  ): void
  resizeColumns(
    rows: number,
    rowBytes: number,
    nPairs: number,
    weights: number,
    outside: number,
    fill: number,
    out: number,
  ): void
}

/** One axis: for each output the inputs that it is a sum of, and their weights. */
export interface Axis {
  /** The first input of each output. */
  readonly first: Int32Array
  /** Blocks of four inputs of each output. */
  readonly blocks: Int32Array
  /** Where the weights of each output begin, bytes. */
  readonly weightStart: Int32Array
  /** Weight of what lies outside of the picture, where the canvas has one colour. */
  readonly outside: Int32Array
  readonly weights: Int16Array
}

/** Rows of a picture, [count, rowBytes] from `start`. */
export interface SourceRows {
  readonly rgb: Uint8Array
  readonly start: number
  readonly rowBytes: number
  readonly count: number
}

const BLOCK = 4
const BLOCK_BYTES = 16
const PAGE_BYTES = 65_536
/** Loads reach a few bytes past what is used, those of absent rows three rows. */
const SLACK_BYTES = 64
/** What is copied in at once: small enough for a processor's cache. */
const CHUNK_BYTES = 1 << 19

/**
 * Weights as the passes take them: for each two, the high halves and then the low ones, w = high · 2^11 + low,
 * 0 ≤ low < 2^11. Zeros up to a whole block.
 */
export function packWeights(weights: Int32Array, into: Int16Array, start: number): void {
  for (let k = 0; k < weights.length; k++) {
    const weight = weights[k] ?? 0
    const at = start + (k >> 1) * 4 + (k & 1)
    into[at] = weight >> 11
    into[at + 2] = weight & 0x7ff
  }
}

export function blocksOf(taps: number): number {
  return Math.ceil(taps / BLOCK)
}

/** Runs the passes; its memory is as large as the largest call needed, and holds nothing between calls. */
class PassRunner {
  private readonly passes: Passes
  private memory: Uint8Array<ArrayBuffer>

  constructor() {
    this.passes = new WebAssembly.Instance(new WebAssembly.Module(RESAMPLE_PASSES)).exports
    this.memory = new Uint8Array(this.passes.memory.buffer)
  }

  /** The horizontal pass. fill: the colour outside. rows: [count, columns, 3] from `to`, written. */
  resizeRows(axis: Axis, source: SourceRows, fill: readonly number[], rows: Uint8Array, to: number): void {
    const { rgb, start, rowBytes, count } = source
    const columns = axis.first.length
    const rowsAtOnce = Math.max(1, Math.min(count, Math.floor(CHUNK_BYTES / rowBytes)))
    const places = new Places()
    const weights = places.take(axis.weights.byteLength)
    const entries = places.take(columns * 16)
    const colour = places.take(16)
    const input = places.take(rowsAtOnce * rowBytes)
    const output = places.take(rowsAtOnce * columns * 3)
    const memory = this.reserve(places.end)
    memory.set(bytesOf(axis.weights), weights)
    const values = new Int32Array(memory.buffer, entries, columns * 4)
    for (let column = 0; column < columns; column++) {
      values[column * 4] = (axis.first[column] ?? 0) * 3
      values[column * 4 + 1] = axis.blocks[column] ?? 0
      values[column * 4 + 2] = weights + (axis.weightStart[column] ?? 0)
      values[column * 4 + 3] = axis.outside[column] ?? 0
    }
    new Int32Array(memory.buffer, colour, 4).set(fill)
    for (let row = 0; row < count; row += rowsAtOnce) {
      const n = Math.min(rowsAtOnce, count - row)
      const from = start + row * rowBytes
      memory.set(rgb.subarray(from, from + n * rowBytes), input)
      this.passes.resizeRows(input, rowBytes, n, entries, columns, colour, output)
      rows.set(memory.subarray(output, output + n * columns * 3), to + row * columns * 3)
    }
  }

  /**
   * The vertical pass.
   * rows: [any, rowBytes]. fill: the colour outside of the picture, repeating.
   * out:  [outputs of `axis`, rowBytes], written.
   */
  resizeColumns(
    axis: Axis,
    rows: Uint8Array,
    rowBytes: number,
    fill: readonly number[],
    out: Uint8Array,
  ): void {
    const count = axis.first.length
    const mostTaps = axis.blocks.reduce((most, blocks) => Math.max(most, blocks), 0) * BLOCK
    const rowsAtOnce = Math.max(mostTaps, Math.floor(CHUNK_BYTES / rowBytes))
    const nRows = rows.length / rowBytes
    const places = new Places()
    const weights = places.take(axis.weights.byteLength)
    // One integer for each sample, in whole vectors of eight.
    const colours = places.take((rowBytes + 8) * 4)
    const input = places.take((rowsAtOnce + BLOCK) * rowBytes)
    const output = places.take(rowBytes)
    const memory = this.reserve(places.end)
    memory.set(bytesOf(axis.weights), weights)
    const samples = new Int32Array(memory.buffer, colours, rowBytes + 8)
    for (let i = 0; i < samples.length; i++) samples[i] = fill[i % fill.length] ?? 0
    // Rows of the picture that lie in memory.
    let first = 0
    let end = 0
    for (let y = 0; y < count; y++) {
      const from = axis.first[y] ?? 0
      const blocks = axis.blocks[y] ?? 0
      if (blocks > 0 && (from < first || Math.min(from + blocks * BLOCK, nRows) > end)) {
        first = from
        end = Math.min(from + rowsAtOnce, nRows)
        memory.set(rows.subarray(first * rowBytes, end * rowBytes), input)
      }
      this.passes.resizeColumns(
        input + (blocks > 0 ? from - first : 0) * rowBytes,
        rowBytes,
        blocks * 2,
        weights + (axis.weightStart[y] ?? 0),
        axis.outside[y] ?? 0,
        colours,
        output,
      )
      out.set(memory.subarray(output, output + rowBytes), y * rowBytes)
    }
  }

  private reserve(bytes: number): Uint8Array<ArrayBuffer> {
    const missing = bytes - this.memory.length
    if (missing > 0) {
      this.passes.memory.grow(Math.ceil(missing / PAGE_BYTES))
      this.memory = new Uint8Array(this.passes.memory.buffer)
    }
    return this.memory
  }
}

/** Regions of memory one behind the other, each with room behind it. */
class Places {
  end = 0

  take(bytes: number): number {
    const start = this.end
    this.end += Math.ceil((bytes + SLACK_BYTES) / BLOCK_BYTES) * BLOCK_BYTES
    return start
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

let runner: PassRunner | null = null

/** The passes of this thread. */
export function resamplePasses(): PassRunner {
  return (runner ??= new PassRunner())
}
