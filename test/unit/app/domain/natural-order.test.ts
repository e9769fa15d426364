import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNatural, sortNaturally } from '../../../../app/domain/natural-order'

describe('natural order', () => {
  it.each([
    ['numbers by value', ['img2.png', 'img10.png', 'img100.png']],
    ['a name without number before numbered ones', ['img.png', 'img2.png']],
    ['several numbers in turn', ['s1e2', 's1e10', 's2e1']],
    ['letters without regard to case', ['apple', 'Banana', 'cherry', 'Date']],
    [
      'numbers longer than a double can hold',
      ['x9007199254740992', 'x9007199254740993', 'x90071992547409920'],
    ],
    ['equal numbers with fewer leading zeros first', ['a1', 'a01', 'a001', 'a2']],
    ['wide digits as digits', ['img2', 'img３', 'img10']],
    ['other scripts after Latin', ['a', 'я', '山', '山2', '山10']],
  ])('sorts %s', (_, sorted) => {
    expect(sortNaturally([...sorted].reverse())).toEqual(sorted)
  })

  it('sorts accented names beside plain ones', () => {
    expect(sortNaturally(['z', 'école 10', 'ecole 2', 'Éclair'])).toEqual([
      'Éclair',
      'ecole 2',
      'école 10',
      'z',
    ])
  })

  it('sorts items by their name', () => {
    const items = [{ name: 'b10' }, { name: 'b9' }]
    expect(sortNaturally(items, ({ name }) => name)).toEqual([{ name: 'b9' }, { name: 'b10' }])
  })

  const name = fc.oneof(
    fc.string({
      unit: fc.constantFrom('0', '1', '2', '9', 'a', 'A', 'b', 'é', 'e\u0301', '.', '_', '½', '３'),
    }),
    fc.string({ unit: 'binary' }),
  )

  it('is 0 only for equal strings and turns round with its arguments', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(Math.sign(compareNatural(a, b))).toBe(-Math.sign(compareNatural(b, a)) + 0)
        expect(compareNatural(a, b) === 0).toBe(a === b)
      }),
    )
  })

  it('is transitive', () => {
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        const [first = '', second = '', third = ''] = [a, b, c].sort(compareNatural)
        expect(compareNatural(first, second)).toBeLessThanOrEqual(0)
        expect(compareNatural(second, third)).toBeLessThanOrEqual(0)
        expect(compareNatural(first, third)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 500 },
    )
  })

  it('sorts into the same order from any order', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), (names) => {
        expect(sortNaturally([...names].reverse())).toEqual(sortNaturally(names))
      }),
    )
  })
})
