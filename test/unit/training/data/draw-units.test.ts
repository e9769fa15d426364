import { describe, expect, it } from 'vitest'
import { framesOf } from '../../../../training/data/draw-units'
import { withVariety } from '../../../../training/data/variety'
import { worldArt } from '../../../helpers/world-art'

const primer = Array.from({ length: 60 }, (_, index) =>
  framesOf('primer', 1, index, 'train', worldArt),
).flat()

describe('primer frames', () => {
  it('are pages of text, or hold known things, each in a cell of its own', () => {
    const pages = primer.filter(({ lines }) => lines !== undefined)
    const shelves = primer.filter(({ scene }) => scene.items.length > 3)

    expect(pages.every(({ scene, lines }) => scene.items.length === 0 && (lines ?? []).length >= 3)).toBe(
      true,
    )
    for (const { scene } of shelves) {
      const cells = new Set(scene.items.map(({ x, y }) => Math.floor(y * 5) * 5 + Math.floor(x * 5)))
      expect(cells.size).toBe(scene.items.length)
    }
    expect(pages.length).toBeGreaterThan(10)
    expect(shelves.length).toBeGreaterThan(10)
    expect(primer.length - pages.length - shelves.length).toBeGreaterThan(3)
  })

  it('have a plate behind every line of a page, chosen for another background as it was', () => {
    const lines = primer.flatMap(({ lines = [] }) => lines)

    expect(lines.length).toBeGreaterThan(0)
    expect(lines.every(({ plate }) => plate !== undefined)).toBe(true)
  })
})

describe('pages of text', () => {
  const figures = Array.from({ length: 60 }, (_, index) =>
    framesOf('figures', 1, index, 'train', worldArt),
  ).flat()
  const pages = [...primer, ...figures].flatMap(({ lines }) => (lines === undefined ? [] : [lines]))

  it('have three to five lines, none over another', () => {
    expect(new Set(pages.map((lines) => lines.length))).toEqual(new Set([3, 4, 5]))
    for (const lines of pages) {
      const halves = lines.map(({ y, height }) => ({ top: y - 0.85 * height, bottom: y + 0.85 * height }))
      halves.slice(1).forEach(({ top }, index) => {
        expect(top).toBeGreaterThanOrEqual((halves[index]?.bottom ?? 0) - 1e-9)
      })
    }
  })

  it('have digits for letters in most lines of figures, and only there', () => {
    const linesOf = (frames: typeof figures) => frames.flatMap(({ lines = [] }) => lines)
    const withLetters = (frames: typeof figures) =>
      linesOf(frames).filter(({ text }) => /[A-Z]/.test(text)).length / linesOf(frames).length

    expect(withLetters(primer)).toBeGreaterThan(0.6)
    expect(withLetters(figures)).toBeLessThan(0.45)
    expect(withLetters(figures)).toBeGreaterThan(0.1)
    expect(linesOf(figures).every(({ text, drawn }) => drawn === text)).toBe(true)
    expect(figures.some(({ lines, scene }) => lines === undefined && scene.items.length > 0)).toBe(true)
  })
})

describe('review frames', () => {
  const frames = Array.from({ length: 120 }, (_, index) =>
    framesOf('review', 1, index, 'train', worldArt),
  ).flat()
  const share = (holds: (frame: (typeof frames)[number]) => boolean) =>
    frames.filter(holds).length / frames.length

  it('are pages of figures, full pictures, and pictures as they are asked about', () => {
    expect(frames).toHaveLength(120)
    expect(share(({ lines }) => lines !== undefined)).toBeGreaterThan(0.2)
    expect(share(({ lines }) => lines !== undefined)).toBeLessThan(0.5)
    expect(share(({ scene }) => scene.items.length > 2)).toBeGreaterThan(0.08)
    expect(share(({ scene, lines }) => lines === undefined && scene.caption !== undefined)).toBeGreaterThan(
      0.2,
    )
    expect(framesOf('review', 1, 7, 'train', worldArt)).toEqual(framesOf('review', 1, 7, 'train', worldArt))
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
