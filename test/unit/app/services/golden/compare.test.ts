import { describe, expect, it } from 'vitest'
import { compareTensors, compareTokens, finite, together } from '../../../../../app/services/golden/compare'

describe('compareTensors', () => {
  it('reports the largest and the mean difference', () => {
    const result = compareTensors('x', 'logits', [1, 2, 3, 4], [1, 2.5, 3, 3], 1)

    expect(result).toMatchObject({ maxAbsDiff: 1, meanAbsDiff: 0.375, equal: false, passed: true })
  })

  it('fails beyond the tolerance', () => {
    expect(compareTensors('x', 'logits', [1], [1.5], 0.25).passed).toBe(false)
  })

  it('fails for another length, for nothing at all, and for NaN on either side', () => {
    expect(compareTensors('x', 's', [1], [1, 2], 9).passed).toBe(false)
    expect(compareTensors('x', 's', [], [], 9).passed).toBe(false)
    expect(compareTensors('x', 's', [NaN, 1], [1, 1], Infinity).maxAbsDiff).toBe(Infinity)
    expect(compareTensors('x', 's', [1, 1], [1, NaN], 9).passed).toBe(false)
  })

  it('calls tensors equal only bit for bit', () => {
    expect(compareTensors('x', 's', [1, 2], [1, 2], 0)).toMatchObject({ equal: true, passed: true })
    expect(compareTensors('x', 's', [1, 2], [1, 2.0000001], 1)).toMatchObject({ equal: false, passed: true })
  })
})

describe('compareTokens', () => {
  it('counts the positions that differ, missing ones too', () => {
    expect(compareTokens('x', 's', [5, 6, 7], [5, 9, 7, 8])).toMatchObject({ maxAbsDiff: 2, passed: false })
    expect(compareTokens('x', 's', [5, 6], [5, 6])).toMatchObject({
      maxAbsDiff: 0,
      equal: true,
      passed: true,
    })
  })
})

describe('together', () => {
  it('takes the largest difference, the mean of the means, and fails when one part does', () => {
    const parts = [compareTensors('x', 's', [1, 2], [1, 2], 1), compareTensors('x', 's', [1, 2], [1, 4], 1)]
    expect(together(parts)).toMatchObject({ maxAbsDiff: 2, meanAbsDiff: 0.5, equal: false, passed: false })
  })
})

describe('finite', () => {
  it('gives numbers that JSON can hold', () => {
    expect([finite(Infinity), finite(NaN), finite(0.5)]).toEqual([Number.MAX_VALUE, Number.MAX_VALUE, 0.5])
    expect(compareTensors('x', 's', [NaN], [1], Infinity).passed).toBe(false)
  })
})
