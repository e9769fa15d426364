import { expect, it } from 'vitest'
import { TimeLeft } from '../../../../../app/domain/time/time-left'

it('cannot tell before half a second of work was seen', () => {
  const pace = new TimeLeft()

  expect(pace.update(0, 0, 100)).toBeNull()
  expect(pace.update(0.4, 10, 100)).toBeNull()
  expect(pace.update(1, 20, 100)).toBe(4)
})

it('cannot tell while nothing moves', () => {
  const pace = new TimeLeft()
  pace.update(0, 5, 100)

  expect(pace.update(3, 5, 100)).toBeNull()
})

it('goes by the pace of the last seconds, so that a slow start stops counting', () => {
  const pace = new TimeLeft(10)
  pace.update(0, 0, 100)
  pace.update(20, 10, 100)
  pace.update(25, 35, 100)

  // From second 20 on: 50 in 10 seconds, not 60 in 30.
  expect(pace.update(30, 60, 100)).toBe(8)
})
