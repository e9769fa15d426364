import { cpus } from 'node:os'
import { afterEach, expect, it, vi } from 'vitest'
import { machineUse, threadsFor } from '../../../../app/services/engine-threads'
import { tinyDescription } from '../../../helpers/model-descriptions'

const width = (embeddingLength: number) => ({ language: { ...tinyDescription.language, embeddingLength } })

it.for([
  [256, 2, 0, 2],
  [256, 2, 1, 1],
  [256, 2, 9, 1],
  [256, 16, 0, 4],
  [256, 16, 14, 2],
  [4096, 16, 0, 16],
  [4096, 16, 14, 16],
] as const)(
  'a model of width %d on %d cores, %d of them busy, gets %d threads',
  ([wide, cores, busyCores, threads]) => {
    expect(threadsFor(width(wide), { cores, busyCores })).toBe(threads)
  },
)

it('watches the machine once for as long as the program runs', async () => {
  const use = await machineUse()
  expect(use.busyCores).toBeLessThanOrEqual(cpus().length)
  expect(await machineUse()).toBe(use)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.doUnmock('node:os')
  vi.resetModules()
})

it.for([
  ['a build that has just ended', 2.4, 0, 0],
  ['a short burst', 0.2, 2, 0],
  ['a program that goes on', 2.4, 2, 2],
] as const)('%s, mean of a minute %d, %d cores now: %d are busy', async ([, mean, coresNow, busyCores]) => {
  vi.doMock('node:os', () => ({
    availableParallelism: () => 4,
    loadavg: () => [mean, 0, 0],
    cpus: () =>
      [0, 1, 2, 3].map((core) => ({
        times: { user: core < coresNow ? performance.now() : 0, nice: 0, sys: 0, irq: 0, idle: 0 },
      })),
  }))
  vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 })
  vi.resetModules()
  const fresh = await import('../../../../app/services/engine-threads')
  expect(await fresh.machineUse()).toEqual({ cores: 4, busyCores })
})
