import { describe, expect, it } from 'vitest'
import { framesOf } from '../../../../training/data/draw-units'
import { createStillSource } from '../../../../training/data/still-source'
import { worldArt } from '../../../helpers/world-art'

const COUNT = 400
const stills = createStillSource(3, 'train', worldArt, COUNT)
const scenes = Array.from({ length: COUNT }, (_, index) => stills.still(index))

describe('stills', () => {
  it('have a text more often than not, hardly one twice', () => {
    const texts = scenes.flatMap(({ caption }) => (caption === undefined ? [] : [caption.text]))
    expect(texts.length / COUNT).toBeGreaterThan(0.6)
    expect(texts.length / COUNT).toBeLessThan(0.85)
    expect(new Set(texts).size / texts.length).toBeGreaterThan(0.7)
  })

  it('show in one of ten cases nothing that has a name', () => {
    const nothing = scenes.filter(
      ({ items, caption }) => caption === undefined && items.every(({ kind }) => kind === 'unknown'),
    )
    expect(nothing.length / COUNT).toBeGreaterThan(0.08)
    expect(nothing.length / COUNT).toBeLessThan(0.2)
  })

  it('are the same whenever they are asked for, and others for another seed and split', () => {
    expect(stills.still(7)).toEqual(scenes[7])
    expect(createStillSource(4, 'train', worldArt, COUNT).still(7)).not.toEqual(scenes[7])
    expect(createStillSource(3, 'test', worldArt, COUNT).still(7)).not.toEqual(scenes[7])
  })

  it('are what the bank is encoded from', () => {
    expect(framesOf('stills', 3, 7, 'train', worldArt)).toEqual([{ scene: scenes[7] }])
  })
})
