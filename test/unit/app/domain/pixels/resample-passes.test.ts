import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bicubicTable, WEIGHT_BITS } from '../../../../../app/domain/pixels/bicubic-table'
import { resample, type Layout } from '../../../../../app/domain/pixels/resample'
import { RESAMPLE_PASSES } from '../../../../../app/domain/pixels/resample-passes-binary'
import { compileWat } from '../../../../../scripts/lib/compile-wat.mjs'

const TEXT = new URL('../../../../../app/domain/pixels/resample-passes.wat', import.meta.url)

/** A plain picture, [height, width, 3]. */
interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

function canvasOf(rgb: Uint8Array, layout: Layout): Picture {
  const canvas = new Uint8Array(layout.canvasWidth * layout.canvasHeight * 3)
  for (let i = 0; i < canvas.length; i++) canvas[i] = layout.fill[i % 3] ?? 0
  for (let y = 0; y < layout.height; y++) {
    const row = rgb.subarray(y * layout.width * 3, (y + 1) * layout.width * 3)
    canvas.set(row, ((y + layout.offsetY) * layout.canvasWidth + layout.offsetX) * 3)
  }
  return { width: layout.canvasWidth, height: layout.canvasHeight, rgb: canvas }
}

function turned({ width, height, rgb }: Picture): Picture {
  const out = new Uint8Array(rgb.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) out[(x * height + y) * 3 + c] = rgb[(y * width + x) * 3 + c] ?? 0
    }
  }
  return { width: height, height: width, rgb: out }
}

/** One pass as Pillow's source has it: a sum for each sample, then a shift, then a clamp. */
function narrowed({ width, height, rgb }: Picture, outWidth: number): Picture {
  if (outWidth === width) return { width, height, rgb }
  const { taps, starts, counts, weights } = bicubicTable(width, outWidth, 0, outWidth)
  const out = new Uint8Array(outWidth * height * 3)
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < outWidth * 3; i++) {
      const x = Math.floor(i / 3)
      let sum = 1 << (WEIGHT_BITS - 1)
      for (let k = 0; k < (counts[x] ?? 0); k++) {
        const from = (y * width + (starts[x] ?? 0) + k) * 3 + (i % 3)
        sum += (weights[x * taps + k] ?? 0) * (rgb[from] ?? 0)
      }
      out[y * outWidth * 3 + i] = Math.min(255, Math.max(0, sum >> WEIGHT_BITS))
    }
  }
  return { width: outWidth, height, rgb: out }
}

function resampleSlowly(rgb: Uint8Array, layout: Layout): Uint8Array {
  const wide = narrowed(canvasOf(rgb, layout), layout.outWidth)
  const whole = turned(narrowed(turned(wide), layout.outHeight))
  const window = new Uint8Array(layout.windowWidth * layout.windowHeight * 3)
  for (let y = 0; y < layout.windowHeight; y++) {
    const from = ((y + layout.windowY) * whole.width + layout.windowX) * 3
    window.set(whole.rgb.subarray(from, from + layout.windowWidth * 3), y * layout.windowWidth * 3)
  }
  return window
}

const side = fc.integer({ min: 1, max: 90 })
const place = fc.double({ min: 0, max: 1, noNaN: true })

/** A picture anywhere on a canvas, and any window of the result. */
const layouts = fc
  .record({
    canvas: fc.tuple(side, side),
    picture: fc.tuple(place, place, place, place),
    out: fc.tuple(side, side),
    window: fc.tuple(place, place, place, place),
    fill: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
  })
  .map(({ canvas, picture, out, window, fill }): Layout => {
    const partOf = (size: number, share: number) => 1 + Math.floor((size - 1) * share)
    const [width, height] = [partOf(canvas[0], picture[0]), partOf(canvas[1], picture[1])]
    const [windowWidth, windowHeight] = [partOf(out[0], window[0]), partOf(out[1], window[1])]
    return {
      ...{ width, height, fill, windowWidth, windowHeight },
      ...{ canvasWidth: canvas[0], canvasHeight: canvas[1], outWidth: out[0], outHeight: out[1] },
      offsetX: Math.floor((canvas[0] - width) * picture[2]),
      offsetY: Math.floor((canvas[1] - height) * picture[3]),
      windowX: Math.floor((out[0] - windowWidth) * window[2]),
      windowY: Math.floor((out[1] - windowHeight) * window[3]),
    }
  })

describe('the passes of resampling', () => {
  it('are compiled from the text beside them', async () => {
    expect(RESAMPLE_PASSES).toEqual(await compileWat(readFileSync(TEXT, 'utf8'), 'resample-passes.wat'))
  })

  it('give what the plain sums over the whole canvas give, wherever picture and window lie', () => {
    fc.assert(
      fc.property(layouts, fc.integer(), fc.boolean(), (layout, seed, extreme) => {
        const rgb = new Uint8Array(layout.width * layout.height * 3)
        let state = seed
        for (let i = 0; i < rgb.length; i++) {
          state = Math.imul(state, 1664525) + 1013904223
          // Black and white next to each other drive sums below 0 and above 255.
          rgb[i] = extreme ? (state >>> 31) * 255 : state >>> 24
        }

        expect(resample(rgb, layout)).toEqual(resampleSlowly(rgb, layout))
      }),
      { numRuns: 150 },
    )
  })

  it('take pictures larger than what lies in memory at once', () => {
    const [width, height] = [1100, 1300]
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 2_654_435_761) >>> 24)
    const layout: Layout = {
      ...{ width, height, canvasWidth: width, canvasHeight: 1400, offsetX: 0, offsetY: 50 },
      ...{ fill: [122, 116, 104], outWidth: 400, outHeight: 60 },
      ...{ windowX: 0, windowY: 0, windowWidth: 400, windowHeight: 60 },
    }

    expect(resample(rgb, layout)).toEqual(resampleSlowly(rgb, layout))
  })
})
