import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Coalesced } from '../../../../renderer/shell/coalesced'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('does the work once for many requests, and once more for those that came meanwhile', async () => {
  const done: PromiseWithResolvers<undefined>[] = []
  const work = vi.fn(() => {
    const one = Promise.withResolvers<undefined>()
    done.push(one)
    return one.promise
  })
  const coalesced = new Coalesced(work, () => 250)

  for (let i = 0; i < 40; i++) coalesced.request()
  await vi.advanceTimersByTimeAsync(250)
  expect(work).toHaveBeenCalledTimes(1)
  coalesced.request()
  coalesced.request()
  await vi.advanceTimersByTimeAsync(1000)
  expect(work).toHaveBeenCalledTimes(1)
  done[0]?.resolve(undefined)
  await vi.advanceTimersByTimeAsync(250)
  expect(work).toHaveBeenCalledTimes(2)
})

it('forgets what was requested when it is cancelled', async () => {
  const work = vi.fn(() => Promise.resolve())
  const coalesced = new Coalesced(work, () => 250)
  coalesced.request()
  coalesced.cancel()
  await vi.advanceTimersByTimeAsync(1000)
  expect(work).not.toHaveBeenCalled()
})
