import { describe, expect, it } from 'vitest'
import { parseRange } from '../../../../../app/host/media/byte-range'

describe('parseRange', () => {
  it.each([
    ['bytes=0-99', [{ start: 0, end: 99 }]],
    ['bytes=100-', [{ start: 100, end: 999 }]],
    ['bytes=-1', [{ start: 999, end: 999 }]],
    ['bytes=-5000', [{ start: 0, end: 999 }]],
    ['bytes=990-5000', [{ start: 990, end: 999 }]],
    ['BYTES = 0-0', [{ start: 0, end: 0 }]],
    [
      'bytes=0-0,-1',
      [
        { start: 0, end: 0 },
        { start: 999, end: 999 },
      ],
    ],
    [
      'bytes=-10, 5-6 ,',
      [
        { start: 990, end: 999 },
        { start: 5, end: 6 },
      ],
    ],
    ['bytes=5-6,2000-3000', [{ start: 5, end: 6 }]],
  ])('reads %s', (header, ranges) => {
    expect(parseRange(header, 1000)).toEqual(ranges)
  })

  it.each(['bytes=1000-', 'bytes=1000-2000', 'bytes=-0', 'bytes=1000-,-0'])(
    'finds nothing to send for %s',
    (header) => {
      expect(parseRange(header, 1000)).toBe('unsatisfiable')
    },
  )

  it.each([
    null,
    '',
    'bytes',
    'bytes=',
    'bytes=,',
    'bytes=a-b',
    'bytes=-',
    'bytes=5-4',
    'items=0-5',
    'bytes=0-5,x',
    'bytes=0-10,5-20',
    'bytes=0-,-1',
    'bytes=1-1,3-3,5-5,7-7,9-9,11-11,13-13,15-15,17-17',
    'bytes=99999999999999999999-',
  ])('sends the whole file for %s', (header) => {
    expect(parseRange(header, 1000)).toBe('whole')
  })

  it('has no part of an empty file to send', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
    expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable')
  })
})
