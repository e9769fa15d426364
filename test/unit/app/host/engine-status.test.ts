import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change } from '../../../../app/contract/status'
import type { EngineStatus } from '../../../../app/engine/engine-client-types'
import { EngineStatusTracker } from '../../../../app/host/engine-status'
import { fakeUsage } from '../../../helpers/fake-ask'
import { hostWorld } from '../../../helpers/host-world'

let world: ReturnType<typeof hostWorld>
let tracker: EngineStatusTracker
let tell: (status: EngineStatus) => void
const told: Change[] = []
beforeEach(() => {
  world = hostWorld()
  told.length = 0
  world.services.changes.subscribe((change) => told.push(change))
  let status: EngineStatus = { state: 'ready', reason: '' }
  const listeners = new Set<(status: EngineStatus) => void>()
  tell = (next) => {
    status = next
    for (const listener of listeners) listener(next)
  }
  const engine = {
    status: () => status,
    onStatus: (listener: (status: EngineStatus) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    restart: () => Promise.resolve(),
  }
  tracker = new EngineStatusTracker(engine, world.services.changes)
})
afterEach(async () => {
  tracker.close()
  await world.end()
})

describe('EngineStatusTracker', () => {
  it('shows model, place, context, memory and what the last answer took, and tells each change', () => {
    tracker.ready({ model: 'Tiny', placement: 'CPU, 2 threads', contextTokens: 2048, memoryBytes: 7 })
    tracker.used(fakeUsage)
    const status = {
      state: 'ready',
      model: 'Tiny',
      placement: 'CPU, 2 threads',
      contextTokens: 2048,
      usedTokens: 45,
      usedFrames: 3,
      memoryBytes: 7,
    }
    expect(tracker.current()).toEqual(status)
    expect(told.at(-1)).toEqual({ kind: 'engine', status })
  })

  it('knows that a new process holds no model', () => {
    tracker.ready({ model: 'Tiny', placement: 'CPU, 2 threads', contextTokens: 2048, memoryBytes: 7 })
    tell({ state: 'unresponsive', reason: 'busy' })
    expect(tracker.current()).toMatchObject({ state: 'unresponsive', model: 'Tiny' })
    tell({ state: 'restarting', reason: 'it crashed' })
    expect(tracker.current()).toMatchObject({ state: 'restarting', model: '', memoryBytes: 0 })
    expect(told.map(({ kind }) => kind)).toEqual(['engine', 'engine', 'engine'])
  })
})
