import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMinutesSeconds, formatTimecode, parseTimecode } from '../../../../../app/domain/time/timecode'

describe('a timecode', () => {
  it.each([
    [0, '00:00'],
    [12.9, '00:12'],
    [59.999, '00:59'],
    [60, '01:00'],
    [3599, '59:59'],
    [3600, '1:00:00'],
    [3723, '1:02:03'],
    [360_000, '100:00:00'],
    [-5, '00:00'],
    [NaN, '00:00'],
    [Infinity, '00:00'],
  ])('of %d s is %s', (seconds, text) => {
    expect(formatTimecode(seconds)).toBe(text)
  })

  it('shows milliseconds when asked', () => {
    expect(formatTimecode(12.345, { milliseconds: true })).toBe('00:12.345')
    expect(formatTimecode(0.29, { milliseconds: true })).toBe('00:00.290')
    expect(formatTimecode(59.9996, { milliseconds: true })).toBe('00:59.999')
  })

  it('is written as subtitle files want it', () => {
    const subRip = { milliseconds: true, decimalMark: ',', hours: 'always' } as const
    expect(formatTimecode(62.5, subRip)).toBe('00:01:02,500')
    expect(formatTimecode(36_000, subRip)).toBe('10:00:00,000')
  })

  it('labels frames with the nearest second and minutes beyond 59', () => {
    expect([0, 0.9676, 1.935, 59.5, 4500, -1, NaN].map(formatMinutesSeconds)).toEqual([
      '00:00',
      '00:01',
      '00:02',
      '01:00',
      '75:00',
      '00:00',
      '00:00',
    ])
  })

  it.each([
    ['00:12', 12],
    ['0:07', 7],
    ['75:00', 4500],
    ['1:02:03', 3723],
    ['01:02:03.5', 3723.5],
    ['00:01:02,250', 62.25],
    [' 90 ', 90],
    ['2.5', 2.5],
  ])('is read from %j', (text, seconds) => {
    expect(parseTimecode(text)).toBe(seconds)
  })

  it.each([
    '',
    'x',
    '1:2',
    '1:60',
    '1:60:00',
    '-1',
    '1:02:03:04',
    '12:',
    ':12',
    '1e3',
    '0x10',
    '1.2.3',
    '1:00:00:00',
  ])('is not read from %j', (text) => {
    expect(parseTimecode(text)).toBeNull()
  })

  it('is read back as it was written, to the millisecond', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.constantFrom('auto', 'always'),
        (milliseconds, hours) => {
          const text = formatTimecode(milliseconds / 1000, { milliseconds: true, hours })
          expect(parseTimecode(text)).toBe(milliseconds / 1000)
        },
      ),
    )
  })
})
