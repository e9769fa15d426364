import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { testStore } from '../test-store'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('a connection that does not come back is told from one that only broke', () => {
  const { store } = testStore()
  store.getState().setConnection('lost')
  expect(store.getState()).toMatchObject({ connection: 'lost', isLostForLong: false })
  vi.advanceTimersByTime(15_000)
  expect(store.getState()).toMatchObject({ connection: 'lost', isLostForLong: true })
  store.getState().setConnection('connected')
  expect(store.getState().isLostForLong).toBe(false)

  store.getState().setConnection('lost')
  vi.advanceTimersByTime(3000)
  store.getState().setConnection('connected')
  vi.advanceTimersByTime(15_000)
  expect(store.getState().isLostForLong).toBe(false)
})
