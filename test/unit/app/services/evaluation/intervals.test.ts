import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanShare, wilson } from '../../../../../app/services/evaluation/intervals'

describe('the interval of a share', () => {
  // Brown, Cai and DasGupta 2001, and worked by hand for the ends.
  it.for([
    { right: 8, total: 10, low: 0.4902, high: 0.9433 },
    { right: 95, total: 100, low: 0.8882, high: 0.9785 },
    { right: 0, total: 10, low: 0, high: 0.2775 },
    { right: 10, total: 10, low: 0.7225, high: 1 },
    { right: 1, total: 1, low: 0.2065, high: 1 },
  ])('of $right among $total runs from $low to $high', ({ right, total, low, high }) => {
    const share = wilson({ right, total })
    expect(share.value).toBe(right / total)
    expect(share.low).toBeCloseTo(low, 4)
    expect(share.high).toBeCloseTo(high, 4)
  })

  it('says nothing when nothing was asked', () => {
    expect(wilson({ right: 0, total: 0 })).toEqual({ value: Number.NaN, low: 0, high: 1 })
  })

  it('always holds the share and stays within 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (total, p) => {
          const { value, low, high } = wilson({ right: Math.round(total * p), total })
          expect(low).toBeGreaterThanOrEqual(0)
          expect(low).toBeLessThanOrEqual(value)
          expect(high).toBeGreaterThanOrEqual(value)
          expect(high).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})

describe('the mean over tasks', () => {
  it('counts each task the same, however often it was asked', () => {
    const share = meanShare([
      { right: 90, total: 100 },
      { right: 1, total: 2 },
    ])
    expect(share.value).toBeCloseTo(0.7, 10)
  })

  it('of one task has the interval of that task', () => {
    const { low, high } = wilson({ right: 8, total: 10 })
    expect(meanShare([{ right: 8, total: 10 }])).toEqual({
      value: 0.8,
      low: expect.closeTo(low, 10) as number,
      high: expect.closeTo(high, 10) as number,
    })
  })

  it('of four equal tasks has half the interval of one', () => {
    const one = wilson({ right: 50, total: 100 })
    const four = meanShare(Array.from({ length: 4 }, () => ({ right: 50, total: 100 })))
    expect(four.high - four.low).toBeCloseTo((one.high - one.low) / 2, 10)
  })

  it('leaves out tasks that nothing was asked of', () => {
    expect(
      meanShare([
        { right: 0, total: 0 },
        { right: 3, total: 4 },
      ]).value,
    ).toBe(0.75)
    expect(meanShare([]).value).toBeNaN()
  })
})
