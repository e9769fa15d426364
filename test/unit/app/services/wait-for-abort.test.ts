import { expect, it } from 'vitest'
import { waitForAbort } from '../../../../app/services/wait-for-abort'

const LONG_MS = 600_000

it('ends with the abort, whenever it comes', async () => {
  await waitForAbort(AbortSignal.abort(), LONG_MS)
  const stop = new AbortController()
  const waiting = waitForAbort(stop.signal, LONG_MS)
  stop.abort()
  await waiting
  expect(stop.signal.aborted).toBe(true)
})

it('ends by itself when nobody aborts', async () => {
  const { signal } = new AbortController()
  await waitForAbort(signal, 5)
  expect(signal.aborted).toBe(false)
})
