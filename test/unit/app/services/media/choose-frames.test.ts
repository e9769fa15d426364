import { describe, expect, it } from 'vitest'
import { chooseFrames } from '../../../../../app/services/media/choose-frames'

const slides = { frameRate: 0.1, durationSeconds: 30 }

function framesOf(start: number, end: number, info = slides, times = [0, 10, 20]): [number, number][] {
  const wish = { intervalSeconds: 1, maxFrames: 128, range: { start, end } }
  return chooseFrames(info, times, wish).map(({ frame, seconds }) => [frame, seconds])
}

it('samples a recording whose container tells no rate by the average of its frames', () => {
  const times = Array.from({ length: 1800 }, (_, frame) => frame / 30 + (frame % 3) / 1000)
  const wish = { intervalSeconds: 1, maxFrames: 128, range: null }
  const frames = chooseFrames({ frameRate: 0, durationSeconds: 0 }, times, wish)
  expect(frames).toHaveLength(60)
  expect(frames[59]).toMatchObject({ frame: 1770 })
  expect(chooseFrames({ frameRate: 0, durationSeconds: 0 }, [0], wish)).toEqual([{ frame: 0, seconds: 0 }])
})

describe('a part of a slide show', () => {
  it('gives the frames that begin in it', () => {
    expect(framesOf(5, 25)).toEqual([
      [1, 10],
      [2, 20],
    ])
  })

  it('gives the slide on the screen, with its own time, where none begins in it', () => {
    expect(framesOf(3, 8)).toEqual([[0, 0]])
    expect(framesOf(12, 15)).toEqual([[1, 10]])
    expect(framesOf(22, 25)).toEqual([[2, 20]])
    expect(framesOf(0, 0.5, slides, [1, 10, 20])).toEqual([[0, 1]])
  })

  it('gives none beyond the end, and none of no frames', () => {
    expect(framesOf(30, 40)).toEqual([])
    expect(framesOf(3, 8, slides, [])).toEqual([])
  })

  it('ends with its last frame where its length is not known', () => {
    expect(framesOf(12, 15, { ...slides, durationSeconds: 0 })).toEqual([[1, 10]])
    expect(framesOf(22, 25, { ...slides, durationSeconds: 0 })).toEqual([])
  })
})
