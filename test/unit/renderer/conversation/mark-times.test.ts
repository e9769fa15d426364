import { describe, expect, it } from 'vitest'
import type { Citation } from '../../../../app/contract/chat'
import { markTimes, markTimesSoFar, timeOfHref } from '../../../../renderer/features/conversation/mark-times'

function cite(text: string, time: string, startSeconds: number): Citation {
  const textStart = text.indexOf(time)
  const textEnd = textStart + time.length
  return { itemId: 'aaaaaaaa', startSeconds, endSeconds: startSeconds, textStart, textEnd }
}

describe('markTimes', () => {
  it('makes each cited time a link that names its moment', () => {
    const text = 'A dog at 00:12, a cat at **01:05**.'
    const citations = [cite(text, '00:12', 12), cite(text, '01:05', 65)]
    expect(markTimes(text, citations)).toBe(
      'A dog at [00:12](longlens-time:aaaaaaaa/12), a cat at **[01:05](longlens-time:aaaaaaaa/65)**.',
    )
    expect(timeOfHref('longlens-time:aaaaaaaa/65')).toEqual({ itemId: 'aaaaaaaa', startSeconds: 65 })
  })

  it('leaves times in code as they are', () => {
    const text = 'Run `seek 00:12` or\n\n```\nseek 00:13\n```\n\nat 00:14'
    const citations = ['00:12', '00:13', '00:14'].map((time) => cite(text, time, 1))
    expect(markTimes(text, citations)).toBe(
      'Run `seek 00:12` or\n\n```\nseek 00:13\n```\n\nat [00:14](longlens-time:aaaaaaaa/1)',
    )
  })

  it('leaves out places that overlap or lie outside the text', () => {
    const base = { itemId: 'aaaaaaaa', startSeconds: 1, endSeconds: 1 }
    const citations = [
      { ...base, textStart: 0, textEnd: 5 },
      { ...base, textStart: 3, textEnd: 6 },
      { ...base, textStart: 6, textEnd: 99 },
    ]
    expect(markTimes('00:12 x', citations)).toBe('[00:12](longlens-time:aaaaaaaa/1) x')
  })

  it('takes no other link for a time', () => {
    expect(timeOfHref('https://example.org/')).toBeNull()
    expect(timeOfHref('longlens-time:7')).toBeNull()
    expect(timeOfHref('longlens-time:a/../b/7')).toBeNull()
    expect(timeOfHref(undefined)).toBeNull()
  })
})

describe('markTimesSoFar', () => {
  const items = [
    { itemId: 'shortone', turn: 0, durationSeconds: 10, range: null },
    { itemId: 'longfilm', turn: 0, durationSeconds: 100, range: null },
  ]

  it('marks times of a text that is being written, each in the first video long enough', () => {
    expect(markTimesSoFar('A dog at 00:05, a cat at 01:05, and at 00:4', items)).toBe(
      'A dog at [00:05](longlens-time:shortone/5), a cat at [01:05](longlens-time:longfilm/65), and at 00:4',
    )
  })

  it('marks times in what was shown last', () => {
    const shown = items.map((item, turn) => ({ ...item, turn }))
    expect(markTimesSoFar('At 00:05.', shown)).toBe('At [00:05](longlens-time:longfilm/5).')
  })

  it('marks nothing where no video was shown', () => {
    expect(markTimesSoFar('A dog at 00:05', [])).toBe('A dog at 00:05')
  })
})
