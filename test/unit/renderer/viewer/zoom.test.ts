import { describe, expect, it } from 'vitest'
import { fit, panBy, zoomAt } from '../../../../renderer/features/viewer/zoom'

const picture = { width: 1000, height: 500 }
const frame = { width: 500, height: 500 }

describe('fit', () => {
  it('shows the whole picture in the middle', () => {
    expect(fit(picture, frame)).toEqual({ scale: 0.5, x: 250, y: 250 })
  })

  it('does not enlarge a small picture', () => {
    expect(fit({ width: 10, height: 10 }, frame).scale).toBe(1)
  })
})

describe('zoomAt', () => {
  it('keeps the point under the pointer where it is', () => {
    const before = zoomAt(fit(picture, frame), 4, { x: 250, y: 250 }, picture, frame)
    const point = { x: 100, y: 300 }
    const after = zoomAt(before, 2, point, picture, frame)
    // The same place of the picture, before and after.
    expect((point.x - after.x) / after.scale).toBeCloseTo((point.x - before.x) / before.scale)
    expect((point.y - after.y) / after.scale).toBeCloseTo((point.y - before.y) / before.scale)
  })

  it('never shows the picture smaller than it fits, nor larger than 32 times', () => {
    expect(zoomAt(fit(picture, frame), 0.01, { x: 0, y: 0 }, picture, frame)).toEqual(fit(picture, frame))
    expect(zoomAt(fit(picture, frame), 1e6, { x: 0, y: 0 }, picture, frame).scale).toBe(32)
  })
})

it('panning stops at the edges', () => {
  const large = zoomAt(fit(picture, frame), 4, { x: 250, y: 250 }, picture, frame)
  expect(panBy(large, 1e6, -1e6, picture, frame)).toEqual({ scale: 2, x: 1000, y: 0 })
  expect(panBy(fit(picture, frame), 50, 50, picture, frame)).toEqual(fit(picture, frame))
})
