import { describe, expect, it } from 'vitest'
import { applyEffects } from '../../../../../../app/domain/world/draw/apply-effects'
import { gaussianWeights } from '../../../../../../app/domain/world/draw/blur'
import { createRaster, type Raster } from '../../../../../../app/domain/world/draw/raster'
import type { SceneEffects } from '../../../../../../app/domain/world/scene'
import { pixelAt } from '../../../../../helpers/drawn-scene'

const none: SceneEffects = { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 7 }

function gray(level: number, side = 64): Raster {
  const raster = createRaster(side, side)
  raster.data.fill(level)
  return raster
}

/** Black on the left, white on the right. */
function edge(): Raster {
  const raster = gray(0)
  for (let y = 0; y < 64; y += 1) raster.data.fill(255, (y * 64 + 32) * 3, (y + 1) * 64 * 3)
  return raster
}

function deviation({ data }: Raster, from: number): number {
  return Math.sqrt(data.reduce((sum, level) => sum + (level - from) ** 2, 0) / data.length)
}

function applied(raster: Raster, effects: Partial<SceneEffects>, scale = 1): Raster {
  applyEffects(raster, { ...none, ...effects }, scale)
  return raster
}

describe('applyEffects', () => {
  it('leaves a picture as it is when no effect is asked for', () => {
    expect(applied(edge(), {}).data).toEqual(edge().data)
  })

  it('blurs an edge evenly to both sides, and flat areas not at all', () => {
    const raster = applied(edge(), { blur: 1 })

    expect(pixelAt(raster, 31, 30)[0]).toBe(255 - (pixelAt(raster, 32, 30)[0] ?? 0))
    expect(pixelAt(raster, 31, 30)[0]).toBeGreaterThan(60)
    expect([pixelAt(raster, 28, 0)[0], pixelAt(raster, 63, 63)[0]]).toEqual([0, 255])
  })

  it('has weights of a Gaussian that sum to 1', () => {
    const [middle, first, second] = gaussianWeights(1)

    expect((first ?? 0) / (middle ?? 1)).toBeCloseTo(Math.exp(-0.5), 12)
    expect((second ?? 0) / (middle ?? 1)).toBeCloseTo(Math.exp(-2), 12)
    expect(
      gaussianWeights(1.3).reduce((sum, weight, step) => sum + weight * (step === 0 ? 1 : 2), 0),
    ).toBeCloseTo(1, 12)
  })

  it('multiplies by the brightness and stops at white', () => {
    expect(pixelAt(applied(gray(100), { brightness: 1.5 }), 0, 0)).toEqual([150, 150, 150])
    expect(pixelAt(applied(gray(200), { brightness: 1.5 }), 0, 0)).toEqual([255, 255, 255])
  })

  it('adds noise of the asked deviation around the level that was there', () => {
    const noisy = applied(gray(128), { noise: 10 })
    const mean = noisy.data.reduce((sum, level) => sum + level, 0) / noisy.data.length

    expect(Math.abs(mean - 128)).toBeLessThan(0.5)
    expect(Math.abs(deviation(noisy, 128) - 10)).toBeLessThan(0.5)
  })

  it('adds the same noise for the same seed and other noise for another', () => {
    expect(applied(gray(128), { noise: 10 }).data).toEqual(applied(gray(128), { noise: 10 }).data)
    expect(applied(gray(128), { noise: 10, noiseSeed: 8 }).data).not.toEqual(
      applied(gray(128), { noise: 10 }).data,
    )
  })

  it('gives noise larger grains in a larger picture, so that scaling down keeps it', () => {
    const large = applied(gray(128), { noise: 10 }, 4)
    const small = applied(gray(128, 16), { noise: 10 })

    expect(pixelAt(large, 20, 40)).toEqual(pixelAt(small, 5, 10))
    expect(pixelAt(large, 23, 43)).toEqual(pixelAt(small, 5, 10))
  })

  it('compresses flat areas without loss and edges with some', () => {
    const flat = applied(gray(120), { blocks: 0.5 })
    // An edge in the middle of a block: rings around it, never far away from it.
    const shifted = gray(0)
    for (let y = 0; y < 64; y += 1) shifted.data.fill(255, (y * 64 + 29) * 3, (y + 1) * 64 * 3)
    const before = shifted.data.slice()
    const rung = applied(shifted, { blocks: 0.8 })

    expect(deviation(flat, 120)).toBeLessThan(3)
    expect(rung.data).not.toEqual(before)
    expect(pixelAt(rung, 4, 4)[0]).toBeLessThan(4)
    expect(pixelAt(rung, 60, 60)[0]).toBeGreaterThan(251)
  })

  it('compresses pictures whose sides are no multiples of eight', () => {
    const raster = createRaster(21, 13)
    raster.data.fill(90)

    applied(raster, { blocks: 0.3 })

    expect(deviation(raster, 90)).toBeLessThan(3)
  })
})
