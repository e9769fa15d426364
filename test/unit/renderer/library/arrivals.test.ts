import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Arrivals } from '../../../../renderer/features/library/arrivals'
import { item } from '../fixtures'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function arrivalsWithLog() {
  const shown: string[][] = []
  const arrivals = new Arrivals((items, refused) => {
    shown.push([...items.map(({ id }) => id), ...refused.map(({ path }) => path)])
  })
  const add = (id: string) => {
    arrivals.take({ kind: 'added', item: item({ id }) })
  }
  return { arrivals, shown, add }
}

it('shows the first at once and those that come meanwhile together', async () => {
  const { shown, add } = arrivalsWithLog()
  for (const id of ['a', 'b', 'c']) add(id)
  expect(shown).toEqual([['a']])
  await vi.advanceTimersByTimeAsync(1000)
  expect(shown).toEqual([['a'], ['b', 'c']])
  add('d')
  expect(shown).toEqual([['a'], ['b', 'c'], ['d']])
})

it('draws a thousand arrivals in two seconds no more than 21 times', async () => {
  const { arrivals, shown, add } = arrivalsWithLog()
  for (let i = 0; i < 1000; i++) {
    add(String(i))
    await vi.advanceTimersByTimeAsync(2)
  }
  arrivals.flush()
  expect(shown.flat()).toHaveLength(1000)
  expect(shown.length).toBeLessThanOrEqual(21)
})

it('shows the rest when nothing more comes, and is silent afterwards', async () => {
  const { arrivals, shown, add } = arrivalsWithLog()
  add('a')
  const failure = { code: 'media_empty', title: '', body: '', remedy: '', details: {} } as const
  arrivals.take({ kind: 'refused', path: '/b.mp4', failure })
  arrivals.flush()
  expect(shown).toEqual([['a'], ['/b.mp4']])
  await vi.advanceTimersByTimeAsync(1000)
  expect(shown).toHaveLength(2)
})
