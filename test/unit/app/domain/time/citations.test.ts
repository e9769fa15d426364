import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCitations, type CitableMedia } from '../../../../../app/domain/time/citations'

function shown(media: number, durationSeconds: number, change: Partial<CitableMedia> = {}): CitableMedia {
  return { media, turn: 0, durationSeconds, range: null, ...change }
}

/** Found times as "start" or "start-end", with the text they stand in, in a medium of two hours. */
function found(text: string): string[] {
  return findCitations(text, [shown(0, 7200)]).map((citation) => {
    const { startSeconds, endSeconds, textStart, textEnd } = citation
    const time = startSeconds === endSeconds ? String(startSeconds) : `${startSeconds}-${endSeconds}`
    return `${time} ${text.slice(textStart, textEnd)}`
  })
}

describe('times in an answer', () => {
  it.each([
    ['The dog appears at 00:12.', ['12 00:12']],
    ['00:12', ['12 00:12']],
    ['It starts at 0:07, then again at 12:34.', ['7 0:07', '754 12:34']],
    ['See [01:02:03] and (1:02:03).', ['3723 01:02:03', '3723 1:02:03']],
    ['At 75:00 the credits roll.', ['4500 75:00']],
    ['Cut at 00:12.5 exactly, and at 00:01:02,250.', ['12.5 00:12.5', '62.25 00:01:02,250']],
    ['at 00:12,00:15,00:18', ['12 00:12', '15 00:15', '18 00:18']],
    ['狗在00:12出现。', ['12 00:12']],
    ['**00:05** The cat\n- 00:09: the dog', ['5 00:05', '9 00:09']],
    ['SCORE 42 at 03:12.', ['192 03:12']],
    ['The home team scored at 12:30. They won at about 45:10.', ['750 12:30', '2710 45:10']],
  ])('are read from clock form: %j', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it.each([
    ['A bird lands at 12 s.', ['12 12 s']],
    ['At about 12.5 seconds it turns.', ['12.5 12.5 seconds']],
    ['Around the 40-second mark it rains.', ['40 40-second']],
    ['at 1 minute 20 seconds', ['80 1 minute 20 seconds']],
    ['at 1m20s and at 2 min', ['80 1m20s', '120 2 min']],
    ['at 1 hour 2 minutes and 3 seconds', ['3723 1 hour 2 minutes and 3 seconds']],
  ])('are read from spoken form: %j', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it.each([
    ['00:05–00:09 a cat', ['5-9 00:05–00:09']],
    ['from 00:05 to 00:09', ['5-9 00:05 to 00:09']],
    ['00:05 - 00:09', ['5-9 00:05 - 00:09']],
    ['00:05-00:09', ['5-9 00:05-00:09']],
    ['between 00:05 and 00:09', ['5-9 00:05 and 00:09']],
    ['from 5 to 9 seconds', ['5-9 5 to 9 seconds']],
    ['between 5 and 9 s', ['5-9 5 and 9 s']],
    ['from 5 s to 9 s', ['5-9 5 s to 9 s']],
    ['They led from 12:30 until 45:10.', ['750-2710 12:30 until 45:10']],
    ['at 1:59:58 – 2:00:00', ['7198-7200 1:59:58 – 2:00:00']],
  ])('are joined to spans: %j', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it.each([
    ['at 00:05 and 00:09', ['5 00:05', '9 00:09']],
    ['from 00:09 to 00:05', ['9 00:09', '5 00:05']],
  ])('stay apart where they are no span: %j', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it.each([
    'The aspect ratio is 16:09 here',
    'They won 21:15',
    'a score of 10:12',
    'a score of around 10:12',
    'The score stood at 21:15',
    'The match was tied at 10:12',
    'a ratio of 3:2 and 4:3',
    'The clock shows 10:30 pm',
    'It is 10:30 a.m. outside',
    '2024-01-01T12:30:00Z',
    '10.12:30',
    '1:2:3:45',
    '01:02:03:04',
    'at 12:60 and 12:345',
    'It lasts 12 seconds and takes 5-9 s.',
    'The clip is about 12 seconds long and lasts around 12 seconds.',
    'delayed by 5 seconds',
    'at 5 m from the wall',
    'at 12 miles, at 5 meters, at 3 people, at 12sx',
    'a4:30b',
    'localhost:8080 and 127.0.0.1:80',
    '',
  ])('are not found in %j', (text) => {
    expect(found(text)).toEqual([])
  })
})

describe('the medium of a time', () => {
  const media = [shown(3, 9.6), shown(5, 60)]
  const mediaOf = (text: string, all: CitableMedia[]) =>
    findCitations(text, all).map((citation) => citation.media)

  it('is the first one that is long enough', () => {
    expect(mediaOf('00:05, 00:30', media)).toEqual([3, 5])
  })

  it('is one of the last turn that showed one long enough', () => {
    const turns = [shown(0, 600), shown(1, 9.6, { turn: 2 }), shown(2, 60, { turn: 2 })]
    expect(mediaOf('00:05, 00:30, 01:30', turns)).toEqual([1, 2, 0])
  })

  it('is one whose shown part has the time, if there is one', () => {
    const parts = [shown(0, 600, { range: { start: 300.5, end: 359.5 } }), shown(1, 600)]
    expect(mediaOf('00:12, 05:00, 05:30, 06:00, 06:01', parts)).toEqual([1, 0, 0, 0, 1])
    expect(mediaOf('00:12, 05:30–06:30', parts.slice(0, 1))).toEqual([0, 0])
    const sameFilm = [shown(0, 600), shown(1, 600, { turn: 1, range: { start: 5, end: 8 } })]
    expect(mediaOf('00:12', sameFilm)).toEqual([0])
  })

  it('may be one of unknown length, after the others of its turn, and is not cut off then', () => {
    const unknown = shown(0, 0)
    expect(findCitations('00:12–00:20', [unknown])).toMatchObject([
      { media: 0, startSeconds: 12, endSeconds: 20 },
    ])
    expect(mediaOf('00:05, 00:30', [unknown, shown(1, 9.6)])).toEqual([1, 0])
    expect(mediaOf('00:05', [shown(1, 9.6), shown(0, 0, { turn: 1 })])).toEqual([0])
  })

  it('has the whole of a span', () => {
    const span = { media: 5, startSeconds: 5, endSeconds: 59 }
    expect(findCitations('00:05–00:59', media)).toMatchObject([span])
    const parts = [shown(3, 60, { range: { start: 0, end: 8 } }), shown(5, 60)]
    expect(findCitations('00:05–00:59', parts)).toMatchObject([span])
  })

  it('does not have times beyond its end', () => {
    expect(findCitations('The clock shows 14:30.', media)).toEqual([])
    expect(findCitations('00:05', [])).toEqual([])
  })

  it('bounds times to its duration', () => {
    expect(findCitations('00:10', media)).toMatchObject([{ media: 3, startSeconds: 9.6, endSeconds: 9.6 }])
    expect(findCitations('00:05–01:59', media)).toMatchObject([
      { media: 3, startSeconds: 5, endSeconds: 9.6 },
    ])
  })
})

it('finds ordered, separate times within the media in any text, and in long ones', () => {
  const piece = fc.constantFrom(
    '00:12',
    '1:02:03',
    ' ',
    '-',
    ' to ',
    ' and ',
    'between ',
    'at ',
    '5',
    ' s',
    '.',
    ':',
    'x',
    '–',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('')
      let end = 0
      for (const citation of findCitations(text, [shown(0, 100)])) {
        expect(citation.textStart).toBeGreaterThanOrEqual(end)
        expect(citation.textEnd).toBeGreaterThan(citation.textStart)
        expect(citation.endSeconds).toBeGreaterThanOrEqual(citation.startSeconds)
        expect(citation.endSeconds).toBeLessThanOrEqual(100)
        end = citation.textEnd
      }
    }),
    { numRuns: 500 },
  )
  expect(found(' '.repeat(20_000) + 'at '.repeat(20_000) + '00:12 '.repeat(5000))).toHaveLength(5000)
  expect(found('1 '.repeat(50_000) + '1:'.repeat(50_000))).toEqual([])
})
