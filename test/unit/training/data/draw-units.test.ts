import { describe, expect, it } from 'vitest'
import { framesOf } from '../../../../training/data/draw-units'
import { withVariety } from '../../../../training/data/variety'
import { worldArt } from '../../../helpers/world-art'

const primer = Array.from({ length: 60 }, (_, index) =>
  framesOf('primer', 1, index, 'train', worldArt),
).flat()

describe('primer frames', () => {
  it('are shelves of nine known things, each in a cell of its own, or pages of four lines', () => {
    for (const { scene, lines = [] } of primer) {
      expect([
        [9, 0],
        [0, 4],
      ]).toContainEqual([scene.items.length, lines.length])
      const cells = new Set(scene.items.map(({ x, y }) => Math.floor(y * 5) * 5 + Math.floor(x * 5)))
      expect(cells.size).toBe(scene.items.length)
      expect(scene.items.every(({ kind }) => kind !== 'unknown')).toBe(true)
    }
    expect(primer.some(({ lines }) => lines === undefined)).toBe(true)
    expect(primer.some(({ lines }) => lines !== undefined)).toBe(true)
  })

  it('have a plate behind every line of a page, chosen for another background as it was', () => {
    const lines = primer.flatMap(({ lines = [] }) => lines)

    expect(lines.length).toBeGreaterThan(0)
    expect(lines.every(({ plate }) => plate !== undefined)).toBe(true)
  })
})

describe('withVariety', () => {
  it('keeps the first share of every kind of asset, and at least one', () => {
    const fewer = withVariety(worldArt, 0.1).train

    expect(fewer.fontAdvances).toEqual(
      worldArt.train.fontAdvances.slice(0, Math.ceil(worldArt.train.fontAdvances.length / 10)),
    )
    expect(fewer.drawings.dog).toBe(Math.ceil(worldArt.train.drawings.dog / 10))
    expect(Math.min(...Object.values(fewer.drawings))).toBe(1)
    expect(withVariety(worldArt, 1)).toEqual(worldArt)
  })
})
