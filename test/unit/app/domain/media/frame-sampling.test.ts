import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  averageRate,
  constantRateTimes,
  everyNthFrame,
  sampleFrames,
  thinEvenly,
  type SamplingRequest,
} from '../../../../../app/domain/media/frame-sampling'

function framesOf(request: Partial<SamplingRequest> & { count: number; rate: number }): number[] {
  const { count, rate, ...rest } = request
  return sampleFrames({
    times: constantRateTimes(count, rate),
    frameRate: rate,
    intervalSeconds: 1,
    maxFrames: 128,
    ...rest,
  }).map(({ frame }) => frame)
}

describe('the official rule', () => {
  it('takes every int(fps · t)-th frame from the first', () => {
    expect(framesOf({ count: 30, rate: 10 })).toEqual([0, 10, 20])
    expect(framesOf({ count: 75, rate: 29.97 })).toEqual([0, 29, 58])
    expect(framesOf({ count: 31, rate: 10 })).toEqual([0, 10, 20, 30])
  })

  it('thins evenly to the most frames, the last one exactly the last', () => {
    expect(framesOf({ count: 30, rate: 10, maxFrames: 2 })).toEqual([0, 20])
    expect(framesOf({ count: 75, rate: 29.97, intervalSeconds: 0.5, maxFrames: 4 })).toEqual([0, 14, 42, 70])
  })

  it('takes the first frame when only one is wanted', () => {
    expect(framesOf({ count: 300, rate: 10, maxFrames: 1 })).toEqual([0])
  })

  it('takes every frame when the interval is shorter than a frame', () => {
    expect(framesOf({ count: 3, rate: 0.5 })).toEqual([0, 1, 2])
    expect(everyNthFrame(3, 10, 0)).toEqual([0, 1, 2])
  })

  it('takes none when rate or count is not positive', () => {
    expect(everyNthFrame(30, 0, 1)).toEqual([])
    expect(everyNthFrame(30, -1, 1)).toEqual([])
    expect(everyNthFrame(30, NaN, 1)).toEqual([])
    expect(everyNthFrame(0, 10, 1)).toEqual([])
    expect(constantRateTimes(10, 0)).toEqual([])
  })

  it('gives the time at which each frame is shown', () => {
    const times = [0, 0.1, 0.5, 0.6, 2]
    expect(sampleFrames({ times, frameRate: 2, intervalSeconds: 1, maxFrames: 128 })).toEqual([
      { frame: 0, seconds: 0 },
      { frame: 2, seconds: 0.5 },
      { frame: 4, seconds: 2 },
    ])
  })
})

it('the average rate of times counts the steps between them, and a single frame is sampled once', () => {
  expect(averageRate([2, 2.1, 2.9, 3])).toBe(3)
  expect(averageRate([0, 300, 600])).toBe(0.003333)
  expect(averageRate(constantRateTimes(1800, 30).map((time) => Math.round(time * 1000) / 1000))).toBe(30)
  expect(framesOf({ count: 1, rate: averageRate([5]) })).toEqual([0])
})

describe('a range', () => {
  it('begins at its first frame and leaves out its end', () => {
    expect(framesOf({ count: 100, rate: 10, range: { start: 2.5, end: 5 } })).toEqual([25, 35, 45])
    expect(framesOf({ count: 100, rate: 10, range: { start: 2, end: 4 } })).toEqual([20, 30])
  })

  it('may reach beyond the video', () => {
    expect(framesOf({ count: 30, rate: 10, range: { start: 1, end: 1e9 } })).toEqual([10, 20])
  })

  it('is empty when it lies outside or ends before it begins', () => {
    expect(framesOf({ count: 30, rate: 10, range: { start: 3, end: 9 } })).toEqual([])
    expect(framesOf({ count: 30, rate: 10, range: { start: 2, end: 1 } })).toEqual([])
  })
})

describe('spacing by presentation times', () => {
  it('takes the first frame at or after each step of a video of variable rate', () => {
    const times = [5, 5.1, 5.2, 5.3, 7.9, 8, 8.05, 9.2]
    const frames = sampleFrames({ times, frameRate: 2, intervalSeconds: 1, maxFrames: 128, spacing: 'times' })
    expect(frames.map(({ frame }) => frame)).toEqual([0, 4, 5, 7])
  })

  it('does not drift with times that are rounded down', () => {
    const times = Array.from({ length: 10 }, (_, i) => Math.floor((i * 1000) / 3) / 1000)
    const frames = sampleFrames({ times, frameRate: 3, intervalSeconds: 1, maxFrames: 128, spacing: 'times' })
    expect(frames.map(({ frame }) => frame)).toEqual([0, 3, 6, 9])
  })

  it('takes every frame when the interval is 0', () => {
    const frames = sampleFrames({
      times: [0, 0, 1],
      frameRate: 3,
      intervalSeconds: 0,
      maxFrames: 9,
      spacing: 'times',
    })
    expect(frames.map(({ frame }) => frame)).toEqual([0, 1, 2])
  })
})

describe('thinning', () => {
  it('leaves a list that is short enough as it is', () => {
    expect(thinEvenly([1, 2, 3], 3)).toEqual([1, 2, 3])
    expect(thinEvenly([1, 2, 3], Infinity)).toEqual([1, 2, 3])
    expect(thinEvenly([], 0)).toEqual([])
  })

  it('keeps none when none or nothing sensible is asked for', () => {
    expect(thinEvenly([1, 2], 0)).toEqual([])
    expect(thinEvenly([1, 2], -3)).toEqual([])
    expect(thinEvenly([1, 2], NaN)).toEqual([])
  })

  it('keeps exactly as many as asked for, with the first and the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 400 }), fc.integer({ min: 2, max: 400 }), (count, most) => {
        const items = Array.from({ length: count }, (_, i) => i)
        const kept = thinEvenly(items, most)
        expect(kept).toHaveLength(Math.min(count, most))
        expect([kept[0], kept.at(-1)]).toEqual([0, count - 1])
      }),
    )
  })
})

describe('any sampling', () => {
  const request = fc.record({
    times: fc
      .array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 300 })
      .map((times) => times.sort((a, b) => a - b)),
    frameRate: fc.double({ min: -1, max: 120, noNaN: true }),
    intervalSeconds: fc.double({ min: 0, max: 20, noNaN: true }),
    maxFrames: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(Infinity)),
    range: fc.option(
      fc.record({
        start: fc.double({ min: 0, max: 500, noNaN: true }),
        end: fc.double({ min: 0, max: 600, noNaN: true }),
      }),
    ),
    spacing: fc.constantFrom('frames' as const, 'times' as const),
  })

  it('ascends, stays within the range and within the most frames, and gives the true times', () => {
    fc.assert(
      fc.property(request, (any) => {
        const frames = sampleFrames(any)
        expect(frames.length).toBeLessThanOrEqual(any.maxFrames)
        for (const [index, { frame, seconds }] of frames.entries()) {
          expect(seconds).toBe(any.times[frame])
          expect(frame).toBeGreaterThan(frames[index - 1]?.frame ?? -1)
          if (any.range !== null) {
            expect(seconds).toBeGreaterThanOrEqual(any.range.start)
            expect(seconds).toBeLessThan(any.range.end)
          }
        }
      }),
    )
  })
})
