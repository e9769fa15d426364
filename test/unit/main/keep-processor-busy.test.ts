import { performance } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { keepProcessorBusy } from '../../../main/menu/keep-processor-busy'

it('ends by itself, not before its time', async () => {
  const startMs = performance.now()
  await keepProcessorBusy(0.05)
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(50)
})
