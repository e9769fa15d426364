import { describe, expect, it } from 'vitest'
import { clipSourceOf, createClipSource } from '../../../../../app/domain/world/clip-source'
import type { Clip, ClipQuery } from '../../../../../app/domain/world/composition'
import { makeClip } from '../../../../../app/domain/world/make-clip'
import { createRandom } from '../../../../../app/domain/world/random'
import { worldArt } from '../../../../helpers/world-art'

const source = createClipSource(5, 'test', worldArt, 600)

/** The clips that 200 searches find. */
function found(query: ClipQuery): Clip[] {
  const random = createRandom('found')
  return Array.from({ length: 200 }, () => {
    const index = source.find(random, query)
    if (index === undefined) throw new Error(`expected a clip for ${JSON.stringify(query)}`)
    return source.clip(index)
  })
}

const namesOf = (clip: Clip) => clip.flatMap(({ items }) => items.map(({ name }) => name))

describe('a bank of clips', () => {
  it('makes the clips of its seed and split, and has no others', () => {
    expect(source.count).toBe(600)
    expect(source.clip(41)).toEqual(makeClip(5, 41, 'test', worldArt))
    for (const index of [-1, 600, 0.5]) {
      expect(() => source.clip(index)).toThrow(`expected a clip from 0 to 599, got ${index}`)
    }
  })

  it('finds clips with a caption that can be read in all phases, and clips that have none at all', () => {
    for (const clip of found({ caption: true })) {
      for (const { caption } of clip) expect(caption?.text).toMatch(/./)
      for (const { caption } of clip) expect(caption?.unreadable).toBeUndefined()
    }
    for (const clip of found({ caption: false })) {
      for (const { caption } of clip) expect(caption).toBeUndefined()
    }
  })

  it('finds clips with a caption that cannot be read', () => {
    for (const clip of found({ caption: 'unreadable' })) {
      for (const { caption } of clip) expect(caption?.unreadable).toBe(true)
    }
  })

  it('finds what shows one thing and lacks others', () => {
    for (const clip of found({ shows: 'circle', lacks: ['star', 'dog'] })) {
      expect(namesOf(clip)).toContain('circle')
      expect(namesOf(clip)).not.toContain('star')
      expect(namesOf(clip)).not.toContain('dog')
    }
  })

  it('finds what stands still, what does not, and what shows nothing known', () => {
    for (const [first, , , last] of found({ still: true })) {
      expect([last.items, last.background]).toEqual([first.items, first.background])
    }
    for (const [first, , , last] of found({ still: false })) {
      expect([last.items, last.background]).not.toEqual([first.items, first.background])
    }
    for (const clip of found({ known: false })) {
      expect(namesOf(clip).filter((name) => name !== 'unknown')).toEqual([])
      expect(clip[0].caption).toBeUndefined()
    }
    for (const clip of found({ known: true })) {
      expect(namesOf(clip).filter((name) => name !== 'unknown')).not.toEqual([])
    }
  })

  it('finds the only clip that fits, among many', () => {
    const plain = found({ caption: false, known: false })[0] as Clip
    const captioned = found({ caption: true })[0] as Clip
    const one = clipSourceOf(5000, (index) => (index === 4321 ? captioned : plain))
    expect(one.find(createRandom(1), { caption: true })).toBe(4321)
    expect(one.find(createRandom(1), { lacks: [], caption: true })).toBe(4321)
  })

  it('finds nothing when nothing fits', () => {
    const plain = found({ known: false })[0] as Clip
    const dull = clipSourceOf(50, () => plain)
    expect(dull.find(createRandom(1), { shows: 'dog' })).toBeUndefined()
    expect(dull.find(createRandom(1), { caption: true })).toBeUndefined()
    expect(clipSourceOf(0, () => plain).find(createRandom(1), {})).toBeUndefined()
  })
})
