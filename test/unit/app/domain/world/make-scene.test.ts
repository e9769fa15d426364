import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canvasOf, shorterSide } from '../../../../../app/domain/world/canvas'
import { contrastRatio, rgbDistance } from '../../../../../app/domain/world/colors'
import { backgroundShades } from '../../../../../app/domain/world/make-background'
import { captionBox, captionText, titleCase } from '../../../../../app/domain/world/make-caption'
import { placeOf } from '../../../../../app/domain/world/make-items'
import { canvasOfScene, makeScene, type SceneOptions } from '../../../../../app/domain/world/make-scene'
import { createRandom } from '../../../../../app/domain/world/random'
import type { Scene, WorldSplit } from '../../../../../app/domain/world/scene'
import { worldArt } from '../../../../helpers/world-art'

const anySplit = fc.constantFrom<WorldSplit>('train', 'test')

function scenes(options: SceneOptions = {}): fc.Arbitrary<Scene> {
  return fc
    .tuple(fc.nat(), anySplit)
    .map(([seed, split]) => makeScene(createRandom('test', seed), split, worldArt, options))
}

function holdsFor(arbitrary: fc.Arbitrary<Scene>, check: (scene: Scene) => void): void {
  fc.assert(fc.property(arbitrary, check), { numRuns: 400 })
}

/** The first scene of a seed for which `isWanted` holds. */
function firstScene(isWanted: (scene: Scene) => boolean, options: SceneOptions = {}): Scene {
  for (let seed = 0; seed < 2000; seed += 1) {
    const scene = makeScene(createRandom('first', seed), 'train', worldArt, options)
    if (isWanted(scene)) return scene
  }
  throw new Error('expected such a scene among 2000')
}

describe('a scene', () => {
  it('keeps its things inside the canvas, turned as they are, and between black bars', () => {
    holdsFor(scenes({ items: 3 }), (scene) => {
      const canvas = canvasOfScene(scene)
      for (const item of scene.items) {
        const { x, y, size } = placeOf(item, canvas)
        const angle = (Math.abs(item.rotationDegrees) * Math.PI) / 180
        const half = (size / 2) * (Math.cos(angle) + Math.sin(angle))
        expect(x - half).toBeGreaterThanOrEqual(-1e-9)
        expect(x + half).toBeLessThanOrEqual(canvas.width + 1e-9)
        expect(y - half).toBeGreaterThanOrEqual(canvas.bar - 1e-9)
        expect(y + half).toBeLessThanOrEqual(canvas.height - canvas.bar + 1e-9)
      }
    })
  })

  it('makes things 32 pixels of the model or larger, and at most little over half of the shorter side', () => {
    holdsFor(scenes({ items: 2 }), (scene) => {
      const shorter = shorterSide(canvasOfScene(scene))
      for (const { size } of scene.items) {
        expect(size * shorter).toBeGreaterThanOrEqual(32 - 1e-9)
        expect(size).toBeGreaterThanOrEqual(0.27 - 1e-9)
        expect(size).toBeLessThanOrEqual(0.56 + 1e-9)
      }
    })
  })

  it('keeps centres a quarter of the picture apart, and tells left from right', () => {
    holdsFor(scenes({ items: 3 }), (scene) => {
      const canvas = canvasOfScene(scene)
      const places = scene.items.map((item) => placeOf(item, canvas))
      for (const [index, a] of places.entries()) {
        for (const b of places.slice(index + 1)) {
          expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeGreaterThanOrEqual(40 - 1e-9)
          expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual(0.05 * canvas.width - 1e-9)
        }
      }
    })
  })

  it('keeps centres off the borders of the nine zones', () => {
    holdsFor(scenes(), (scene) => {
      for (const item of scene.items) {
        for (const border of [1 / 3, 2 / 3]) {
          expect(Math.abs(item.x - border)).toBeGreaterThanOrEqual(0.025 - 1e-9)
          expect(Math.abs(item.y - border)).toBeGreaterThanOrEqual(0.025 - 1e-9)
        }
      }
    })
  })

  it('never shows a shape on its own colour or on one like it', () => {
    holdsFor(scenes({ items: 3 }), ({ background, items }) => {
      for (const { color, rgb } of items) {
        if (color === undefined || rgb === undefined || background.kind === 'photo') continue
        expect(color).not.toBe(background.color)
        for (const shade of backgroundShades(background)) {
          expect(rgbDistance(shade, rgb)).toBeGreaterThanOrEqual(60)
        }
      }
    })
  })

  it('has colours of shapes only', () => {
    holdsFor(scenes(), ({ items }) => {
      for (const { kind, color, rgb } of items) {
        expect([color !== undefined, rgb !== undefined]).toEqual([kind === 'shape', kind === 'shape'])
      }
    })
  })

  it('names assets of its own split only', () => {
    holdsFor(scenes(), ({ split, background, items, caption }) => {
      const counts = worldArt[split]
      if (background.kind === 'photo') {
        expect(background.photo).toBeLessThan(counts.photos)
        expect(background.left + background.scale).toBeLessThanOrEqual(1)
        expect(background.top + background.scale).toBeLessThanOrEqual(1)
      }
      if (caption) expect(caption.font).toBeLessThan(counts.fontAdvances.length)
      for (const { kind, name, drawing } of items) {
        if (kind === 'object') expect(drawing).toBeLessThan(counts.drawings[name as 'dog'])
        if (kind === 'unknown') expect(drawing).toBeLessThan(counts.unknown)
      }
    })
  })

  it('turns things further in tests than ever in training', () => {
    holdsFor(scenes({ items: 3 }), ({ split, items }) => {
      for (const { kind, rotationDegrees } of items) {
        if (kind === 'object') expect(Math.abs(rotationDegrees) > 10).toBe(split === 'test')
      }
    })
  })

  it('of which nothing is known has neither known things nor a caption', () => {
    holdsFor(scenes({ known: false }), ({ items, caption }) => {
      expect(items.filter(({ kind }) => kind !== 'unknown')).toEqual([])
      expect(caption).toBeUndefined()
    })
  })

  it('shows most often one or two things and never more, several of a kind now and then', () => {
    const counts = [0, 0, 0]
    let severalOfAKind = 0
    for (let seed = 0; seed < 2000; seed += 1) {
      const { items } = makeScene(createRandom('mix', seed), 'train', worldArt)
      counts[items.length] = (counts[items.length] ?? 0) + 1
      if (new Set(items.map(({ name }) => name)).size < items.length) severalOfAKind += 1
    }
    expect((counts[1] ?? 0) + (counts[2] ?? 0)).toBeGreaterThan(1300)
    expect(counts).toHaveLength(3)
    for (const count of counts) expect(count).toBeGreaterThan(100)
    expect(severalOfAKind).toBeGreaterThan(80)
  })

  it('is what was asked for', () => {
    const scene = makeScene(createRandom(1), 'test', worldArt, {
      aspect: 16 / 9,
      items: 1,
      caption: 'none',
      background: 'photo',
    })
    expect(scene).toMatchObject({ split: 'test', aspect: 16 / 9, background: { kind: 'photo' } })
    expect(scene.items).toHaveLength(1)
    expect(scene.caption).toBeUndefined()
  })
})

describe('a caption', () => {
  const captioned = scenes({ caption: 'readable' })

  it('fits the canvas with its stated advance, plate and all', () => {
    holdsFor(captioned, (scene) => {
      const { caption, split } = scene
      if (!caption) throw new Error('expected a caption')
      const advance = worldArt[split].fontAdvances[caption.font] ?? 0
      const canvas = canvasOf(scene.aspect)
      const box = captionBox(caption, advance, canvas)
      expect(box.left).toBeGreaterThanOrEqual(-1e-9)
      expect(box.right).toBeLessThanOrEqual(canvas.width + 1e-9)
      expect(box.top).toBeGreaterThanOrEqual(-1e-9)
      expect(box.bottom).toBeLessThanOrEqual(canvas.height + 1e-9)
    })
  })

  it('has letters of at least 7 pixels advance, also small ones', () => {
    holdsFor(captioned, ({ aspect, split, caption }) => {
      if (!caption) throw new Error('expected a caption')
      const capitals =
        caption.height * canvasOf(aspect).width * (worldArt[split].fontAdvances[caption.font] ?? 0)
      const isSmall = caption.drawn.toUpperCase() !== caption.drawn
      expect(capitals * (isSmall ? 0.8 : 1)).toBeGreaterThanOrEqual(7 - 1e-9)
    })
  })

  it('stands out from its plate or from the colours behind it; on a photograph it has a plate', () => {
    holdsFor(captioned, ({ background, caption }) => {
      if (!caption) throw new Error('expected a caption')
      const behind = caption.plate ? [caption.plate] : backgroundShades(background)
      expect(behind.length).toBeGreaterThan(0)
      for (const rgb of behind) expect(contrastRatio(caption.color, rgb)).toBeGreaterThanOrEqual(3)
    })
  })

  it('is drawn as it reads, but for upper and lower case', () => {
    holdsFor(captioned, ({ caption }) => {
      expect(caption?.drawn.toUpperCase()).toBe(caption?.text)
      expect(caption?.text).toMatch(
        /^([A-Z]{2,8}( [A-Z]{2,8})?|\d{1,3}|[A-Z]{2,8} \d{1,3}|([01]\d|2[0-3]):[0-5]\d)$/,
      )
    })
  })

  it('does not cover the middle of a thing', () => {
    holdsFor(captioned, (scene) => {
      const { caption, split } = scene
      if (!caption) throw new Error('expected a caption')
      const canvas = canvasOfScene(scene)
      const box = captionBox(caption, worldArt[split].fontAdvances[caption.font] ?? 0, canvas)
      for (const item of scene.items) {
        const { x, y } = placeOf(item, canvas)
        expect(x > box.left && x < box.right && y > box.top && y < box.bottom).toBe(false)
      }
    })
  })

  it('that cannot be read is at most 3 pixels high and says so', () => {
    holdsFor(scenes({ caption: 'unreadable' }), ({ aspect, caption }) => {
      expect(caption?.unreadable).toBe(true)
      expect((caption?.height ?? 1) * canvasOf(aspect).width).toBeLessThanOrEqual(3)
    })
  })

  it('is a word, two, a number, both, or a time, as long as asked', () => {
    const random = createRandom('texts')
    const texts = Array.from({ length: 300 }, () => captionText(random, 11))
    for (const form of [/^[A-Z]+$/, /^[A-Z]+ [A-Z]+$/, /^\d+$/, /^[A-Z]+ \d+$/, /^\d\d:\d\d$/]) {
      expect(texts.filter((text) => form.test(text)).length).toBeGreaterThan(10)
    }
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(11)
    expect(titleCase('NEWS LIVE 24')).toBe('News Live 24')
  })

  it('may stand on black bars only with a plate', () => {
    const scene = firstScene(
      ({ effects, caption }) => effects.letterbox !== undefined && caption !== undefined,
    )
    expect(scene.caption?.plate).toBeDefined()
  })
})
