import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clipSourceOf, createClipSource } from '../../../../../app/domain/world/clip-source'
import { makeSet } from '../../../../../app/domain/world/make-set'
import { createRandom } from '../../../../../app/domain/world/random'
import { worldArt } from '../../../../helpers/world-art'

const source = createClipSource(4, 'test', worldArt, 800)

describe('pictures to compare', () => {
  it('are 2 to 6 phases of different clips, or as many as asked', () => {
    const counts = new Set<number>()
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { pictures } = makeSet(createRandom(seed), source)
        counts.add(pictures.length)
        expect(new Set(pictures.map(({ clip }) => clip)).size).toBe(pictures.length)
        for (const { clip, phase, scene } of pictures) expect(scene).toEqual(source.clip(clip)[phase])
      }),
      { numRuns: 200 },
    )
    expect(counts).toEqual(new Set([2, 3, 4, 5, 6]))
    expect(makeSet(createRandom(1), source, { pictures: 3 }).pictures).toHaveLength(3)
  })

  it('are the same for the same random state', () => {
    expect(makeSet(createRandom(8), source)).toEqual(makeSet(createRandom(8), source))
    expect(makeSet(createRandom(8), source)).not.toEqual(makeSet(createRandom(9), source))
  })

  it('often show a thing that is in exactly one of them, and sometimes the only caption', () => {
    let unique = 0
    let onlyCaption = 0
    for (let seed = 0; seed < 300; seed += 1) {
      const { pictures } = makeSet(createRandom(seed), source)
      const names = pictures.flatMap(({ scene }) => [...new Set(scene.items.map(({ name }) => name))])
      if (names.some((name) => names.filter((other) => other === name).length === 1)) unique += 1
      if (pictures.filter(({ scene }) => scene.caption).length === 1) onlyCaption += 1
    }
    expect(unique).toBeGreaterThan(250)
    expect(onlyCaption).toBeGreaterThan(40)
  })

  it('repeat a clip only when the source has no other', () => {
    const single = clipSourceOf(1, () => source.clip(0))
    expect(makeSet(createRandom(1), single, { pictures: 2 }).pictures.map(({ clip }) => clip)).toEqual([0, 0])
    expect(() =>
      makeSet(
        createRandom(1),
        clipSourceOf(0, () => source.clip(0)),
      ),
    ).toThrow('expected a source of at least one clip, got none')
  })
})
