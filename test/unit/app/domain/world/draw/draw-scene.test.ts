import { describe, expect, it } from 'vitest'
import { drawFrame, drawTile, padToSquare } from '../../../../../../app/domain/world/draw/draw-frame'
import { drawScene } from '../../../../../../app/domain/world/draw/draw-scene'
import { captionOf, itemOf, pixelAt, sceneOf } from '../../../../../helpers/drawn-scene'
import { smallArt } from '../../../../../helpers/small-art'

const RED = [200, 0, 0]
const BLUE = [0, 0, 255]

function draw(changes: Parameters<typeof sceneOf>[0], width = 40) {
  return drawScene(sceneOf(changes), smallArt, width)
}

describe('the canvas', () => {
  it('has the asked width and the height of its aspect', () => {
    const { width, height, data } = draw({ aspect: 16 / 9 }, 160)

    expect([width, height, data.length]).toEqual([160, 90, 160 * 90 * 3])
    expect(draw({ aspect: 9 / 16 }, 90).height).toBe(160)
  })

  it('is the same each time', () => {
    const changes = { items: [itemOf({ rotationDegrees: 7 })], caption: captionOf() }

    expect(draw(changes).data).toEqual(draw(changes).data)
  })

  it('runs from one shade to the other in a gradient', () => {
    const raster = draw({
      background: { kind: 'gradient', color: 'blue', from: [0, 0, 100], to: [0, 0, 200] },
    })

    expect(pixelAt(raster, 0, 0)).toEqual([0, 0, 101])
    expect(pixelAt(raster, 39, 39)).toEqual([0, 0, 199])
    expect(pixelAt(raster, 5, 20)).toEqual(pixelAt(raster, 30, 20))
  })

  it('shows the asked part of a photograph', () => {
    const whole = draw({ background: { kind: 'photo', photo: 0, left: 0, top: 0, scale: 1 } })
    const right = draw({ background: { kind: 'photo', photo: 0, left: 0.5, top: 0, scale: 0.5 } })

    expect([pixelAt(whole, 2, 20), pixelAt(whole, 37, 20)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ])
    expect(right.data.every((level) => level === 255)).toBe(true)
  })

  it('has black bars at top and bottom when it is letterboxed', () => {
    const raster = draw({ effects: { ...sceneOf().effects, letterbox: 0.25 } })

    expect([9, 10, 29, 30].map((y) => pixelAt(raster, 20, y)[0])).toEqual([0, 200, 200, 0])
  })
})

describe('things', () => {
  it('fill what their size says, to the pixel', () => {
    const raster = draw({ items: [itemOf()] })

    // 20 pixels around the middle of 40.
    expect(pixelAt(raster, 20, 20)).toEqual(BLUE)
    expect(pixelAt(raster, 11, 11)).toEqual(BLUE)
    expect(pixelAt(raster, 8, 20)).toEqual(RED)
    expect(pixelAt(raster, 31, 20)).toEqual(RED)
  })

  it('are measured by the shorter side', () => {
    const raster = draw({ aspect: 2, items: [itemOf()] })

    expect([pixelAt(raster, 14, 10), pixelAt(raster, 16, 10)]).toEqual([RED, BLUE])
  })

  it('are mirrored left to right', () => {
    const half = itemOf({ name: 'dog', drawing: 1 })
    const plain = draw({ items: [half] })
    const mirrored = draw({ items: [{ ...half, mirrored: true }] })

    expect([pixelAt(plain, 15, 20), pixelAt(plain, 25, 20)]).toEqual([[255, 0, 0], RED])
    expect([pixelAt(mirrored, 15, 20), pixelAt(mirrored, 25, 20)]).toEqual([RED, [255, 0, 0]])
  })

  it('turn clockwise', () => {
    const half = itemOf({ name: 'dog', drawing: 1, rotationDegrees: 90 })
    const raster = draw({ items: [half] })

    // The left half comes to lie at the top.
    expect([pixelAt(raster, 20, 15), pixelAt(raster, 20, 25)]).toEqual([[255, 0, 0], RED])
  })

  it('hide what was drawn before them', () => {
    const green = itemOf({ kind: 'shape', name: 'square', color: 'green', rgb: [0, 150, 0], size: 0.2 })
    const over = draw({ items: [itemOf(), green] })

    expect([pixelAt(over, 20, 20), pixelAt(over, 13, 13)]).toEqual([[0, 150, 0], BLUE])
  })

  it.each([
    ['square', 400, [11, 11], [9, 9]],
    ['circle', 314, [20, 11], [12, 12]],
    ['triangle', 173, [20, 14], [14, 14]],
    ['star', 129, [20, 14], [26, 28]],
  ] as const)('draws a %s of the right area', (name, area, inside, outside) => {
    const shape = itemOf({ kind: 'shape', name, color: 'green', rgb: [0, 255, 0] })
    const raster = draw({ background: { kind: 'flat', color: 'black', rgb: [0, 0, 0] }, items: [shape] })
    let sum = 0
    for (let at = 1; at < raster.data.length; at += 3) sum += (raster.data[at] ?? 0) / 255

    expect(Math.abs(sum - area)).toBeLessThan(0.02 * area + 1)
    expect(pixelAt(raster, inside[0], inside[1])).toEqual([0, 255, 0])
    expect(pixelAt(raster, outside[0], outside[1])).toEqual([0, 0, 0])
  })

  it('have a contrasting line around shapes before a photograph', () => {
    const shape = itemOf({ kind: 'shape', name: 'square', color: 'white', rgb: [255, 255, 255] })
    const background = { kind: 'photo', photo: 0, left: 0.5, top: 0, scale: 0.5 } as const
    const raster = draw({ background, items: [shape] }, 160)

    expect([41, 39, 35].map((x) => pixelAt(raster, x, 80)[0])).toEqual([255, 0, 255])
  })

  it('may be cut off by the edge', () => {
    const raster = draw({ items: [itemOf({ x: 0 })] })

    expect([pixelAt(raster, 0, 20), pixelAt(raster, 8, 20), pixelAt(raster, 12, 20)]).toEqual([
      BLUE,
      BLUE,
      RED,
    ])
  })

  it('that the art pack lacks are refused', () => {
    expect(() => draw({ items: [itemOf({ drawing: 1 })] })).toThrow(
      new RangeError('expected one of 1 drawings of a cat, got 1'),
    )
    expect(() => draw({ background: { kind: 'photo', photo: 1, left: 0, top: 0, scale: 1 } })).toThrow(
      RangeError,
    )
  })
})

describe('captions', () => {
  it('stand centred, capitals as high as asked', () => {
    const raster = draw({ caption: captionOf() }, 100)

    // Four boxes of 8 by 10 with gaps of 2, from 31 to 69 and 45 to 55.
    expect([30, 31, 38, 39, 41, 68, 69].map((x) => pixelAt(raster, x, 50)[1])).toEqual([
      0, 255, 255, 0, 255, 255, 0,
    ])
    expect([44, 45, 54, 55].map((y) => pixelAt(raster, 33, y)[1])).toEqual([0, 255, 255, 0])
  })

  it('lie on their plate', () => {
    const raster = draw({ caption: captionOf({ plate: [0, 0, 0] }) }, 100)

    expect([26, 27, 28, 72, 73].map((x) => pixelAt(raster, x, 50)[0])).toEqual([200, 0, 0, 0, 200])
    expect([41, 42, 57, 58].map((y) => pixelAt(raster, 50, y)[0])).toEqual([100, 0, 0, 100])
  })

  it('in a font or with a character that the art pack lacks are refused', () => {
    expect(() => draw({ caption: captionOf({ font: 1 }) })).toThrow(RangeError)
    expect(() => draw({ caption: captionOf({ drawn: 'É' }) })).toThrow(new RangeError("boxes has no 'É'"))
  })
})

describe('the picture for the model', () => {
  it('is squared with gray, the extra line at the bottom', () => {
    const padded = padToSquare(draw({ aspect: 160 / 91 }, 160))

    expect([padded.width, padded.height]).toEqual([160, 160])
    expect([33, 34, 124, 125, 159].map((y) => pixelAt(padded, 80, y)[0])).toEqual([127, 200, 200, 127, 127])
  })

  it('fills the square along its longer side', () => {
    const upright = drawFrame(sceneOf({ aspect: 9 / 16 }), smallArt, 160)

    expect([34, 35, 124, 125].map((x) => pixelAt(upright, x, 0)[0])).toEqual([127, 200, 200, 127])
  })

  it('of a tile has the white margins of its sheet', () => {
    const margin = { left: 0.1, top: 0, right: 0, bottom: 0.25 }
    const tile = drawTile({ row: 0, column: 0, scene: sceneOf(), margin }, smallArt, 160)

    expect([15, 16, 159].map((x) => pixelAt(tile, x, 0)[1])).toEqual([255, 0, 0])
    expect([119, 120].map((y) => pixelAt(tile, 80, y)[1])).toEqual([0, 255])
  })
})
