import { expect, it } from 'vitest'
import { ReadingSpeeds } from '../../../../../app/services/evaluation/reading-speeds'

it('adds up the frames and seconds of three videos of each length', () => {
  const speeds = new ReadingSpeeds()
  speeds.add(256, { frames: 256, seconds: 8 })
  for (const seconds of [1, 1, 2]) {
    expect(speeds.wants(64)).toBe(true)
    speeds.add(64, { frames: 64, seconds })
  }

  expect(speeds.wants(64)).toBe(false)
  expect(speeds.wants(256)).toBe(true)
  expect(speeds.list()).toEqual([
    { length: 64, videos: 3, frames: 192, seconds: 4, framesPerSecond: 48, bar: { value: 40, met: true } },
    { length: 256, videos: 1, frames: 256, seconds: 8, framesPerSecond: 32, bar: { value: 40, met: false } },
  ])
})

it('does not count what could not be timed', () => {
  const speeds = new ReadingSpeeds()
  speeds.add(64, { frames: 0, seconds: 0 })
  expect(speeds.list()).toEqual([])
})
