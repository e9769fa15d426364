import { describe, expect, it } from 'vitest'
import type { Progress } from '../../../../app/contract/chat'
import { progressFraction, progressWords } from '../../../../renderer/features/conversation/progress-words'

function step(
  stage: Progress['stage'],
  done: number,
  total: number,
  secondsLeft: number | null = null,
): Progress {
  return { stage, done, total, secondsLeft }
}

const reading = { status: 'reading' } as const

describe('progressWords', () => {
  it('counts the frames that the model reads, with the time left', () => {
    const progress = { decode: step('decode', 64, 128, 4), encode: step('encode', 36, 128, 9.2) }
    expect(progressWords(reading, progress, false)).toBe('Reading frame 37 of 128, about 9 s left')
    expect(progressFraction(progress)).toBe(36 / 128)
  })

  it('speaks of pictures where not all are frames', () => {
    const progress = { encode: step('encode', 46, 5000, 240) }
    expect(progressWords(reading, progress, false, 'picture')).toBe(
      'Reading picture 47 of 5,000, about 4 min left',
    )
  })

  it('says how far decoding is while the model has nothing to read yet', () => {
    const progress = { decode: step('decode', 3, 1500, 130), encode: step('encode', 0, 1500) }
    expect(progressWords(reading, progress, false)).toBe('Finding frame 4 of 1,500, about 2 min left')
  })

  it('tells loading, taking in tokens and the last moment apart', () => {
    expect(progressWords(reading, { load: step('load', 1, 4, 5400) }, false)).toBe(
      'Loading the model, 25 %, about 1.5 h left',
    )
    const encoded = { encode: step('encode', 6, 6), prefill: step('prefill', 120, 2400) }
    expect(progressWords(reading, encoded, false)).toBe('Taking in 120 of 2,400 tokens')
    expect(progressWords(reading, { ...encoded, prefill: step('prefill', 2400, 2400) }, false)).toBe(
      'Writing the first word',
    )
  })

  it('says why nothing happens yet', () => {
    expect(progressWords({ status: 'waiting' }, undefined, true)).toBe(
      'Waiting for the question before this one',
    )
    expect(progressWords({ status: 'waiting' }, undefined, false)).toBe('Getting ready')
    expect(progressWords(reading, { load: step('load', 4, 4) }, false)).toBe('Getting ready')
    expect(progressFraction(undefined)).toBeNull()
  })
})
