import { describe, expect, it } from 'vitest'
import type { EngineStatus } from '../../../../app/engine/engine-client-types'
import { EngineSupervisor } from '../../../../app/engine/engine-supervisor'
import { fakeEngineWorld, type FakeEngineWorld } from '../../../helpers/fake-engine-world'

const CALM_EXIT = { code: 0, signal: null }

function supervised(): FakeEngineWorld & { supervisor: EngineSupervisor; states: string[] } {
  const world = fakeEngineWorld()
  const supervisor = new EngineSupervisor({
    spawn: world.processes.spawn,
    clock: world.clock,
    countOomKills: () => undefined,
  })
  const states: string[] = []
  supervisor.onStatus(({ state }: EngineStatus) => states.push(state))
  return { ...world, supervisor, states }
}

/** Starts the process and brings it to `ready`. */
function ready(): ReturnType<typeof supervised> {
  const world = supervised()
  void world.supervisor.call('liveHandles', {}).catch(() => undefined)
  world.processes.latest().hello()
  world.processes.latest().reply('liveHandles', { models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
  return world
}

describe('a crash', () => {
  it('rejects running calls with engine_crashed and starts a new process', async () => {
    const { processes, clock } = fakeEngineWorld()
    const supervisor = new EngineSupervisor({ spawn: processes.spawn, clock })
    const answer = supervisor.call('length', { sequence: 0 })

    processes.latest().crash({ stderr: 'GGML_ASSERT(n_tokens <= n_batch) failed' })
    clock.advanceSeconds(1)

    await expect(answer).rejects.toMatchObject({
      code: 'engine_crashed',
      details: { lastWords: 'GGML_ASSERT(n_tokens <= n_batch) failed', exit: 'signal SIGABRT' },
    })
    expect(processes.count()).toBe(2)
  })

  it('rejects calls that were sent and calls that wait, all of them', async () => {
    const { processes, supervisor } = ready()
    const calls = [supervisor.call('length', { sequence: 0 }), supervisor.call('length', { sequence: 1 })]
    processes.latest().crash()
    calls.push(supervisor.call('length', { sequence: 2 }))
    expect((await Promise.allSettled(calls.slice(0, 2))).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ])
  })

  it('is followed by restarts after one and two seconds, and by none after the third within five minutes', () => {
    const { processes, clock, supervisor, states } = ready()
    processes.latest().crash()
    clock.advanceSeconds(0.9)
    expect(processes.count()).toBe(1)
    clock.advanceSeconds(0.1)
    expect(processes.count()).toBe(2)
    processes.latest().crash()
    clock.advanceSeconds(1.9)
    expect(processes.count()).toBe(2)
    clock.advanceSeconds(0.1)
    expect(processes.count()).toBe(3)
    processes.latest().crash()
    clock.advanceSeconds(60)
    expect(processes.count()).toBe(3)
    expect(supervisor.status()).toEqual({
      state: 'failed',
      reason: 'it stopped three times within five minutes',
    })
    expect(states).toEqual([
      'starting',
      'ready',
      'restarting',
      'starting',
      'restarting',
      'starting',
      'failed',
    ])
    expect(clock.timerCount()).toBe(0)
  })

  it('waits four seconds after the third crash in a row when they are spread over more than five minutes', () => {
    const { processes, clock } = ready()
    processes.latest().crash()
    clock.advanceSeconds(200)
    processes.latest().crash()
    clock.advanceSeconds(200)
    processes.latest().crash()
    clock.advanceSeconds(3.9)
    expect(processes.count()).toBe(3)
    clock.advanceSeconds(0.1)
    expect(processes.count()).toBe(4)
  })

  it('lets the next call reach the new process', async () => {
    const { processes, clock, supervisor } = ready()
    processes.latest().crash()
    const length = supervisor.call('length', { sequence: 3 })
    clock.advanceSeconds(1)
    expect(processes.latest().requests('length')).toEqual([])
    processes.latest().hello()
    processes.latest().reply('length', 17)
    await expect(length).resolves.toBe(17)
  })

  it('is told as out_of_memory when the last words or the system say so', async () => {
    const { processes, supervisor } = ready()
    const call = supervisor.call('length', { sequence: 0 })
    processes.latest().crash({ stderr: "terminate called after throwing an instance of 'std::bad_alloc'" })
    await expect(call).rejects.toMatchObject({ code: 'out_of_memory' })

    const world = fakeEngineWorld()
    let kills = 4
    const counted = new EngineSupervisor({
      spawn: world.processes.spawn,
      clock: world.clock,
      countOomKills: () => kills,
    })
    const killed = counted.call('length', { sequence: 0 })
    kills += 1
    world.processes.latest().crash({ exit: { code: null, signal: 'SIGKILL' } })
    await expect(killed).rejects.toMatchObject({ code: 'out_of_memory' })
  })

  it('by a SIGKILL from elsewhere is engine_crashed, and its message names the possible cause', async () => {
    const { processes, supervisor } = ready()
    const call = supervisor.call('length', { sequence: 0 })
    processes.latest().crash({ exit: { code: null, signal: 'SIGKILL' } })
    await expect(call).rejects.toMatchObject({
      code: 'engine_crashed',
      message: 'the engine was killed from outside (SIGKILL); the system does this when memory runs out',
    })
  })

  it('does not blame the words of an earlier process', async () => {
    const { processes, clock, supervisor } = ready()
    processes.latest().crash({ stderr: 'std::bad_alloc' })
    clock.advanceSeconds(1)
    const call = supervisor.call('length', { sequence: 0 })
    processes.latest().crash({ stderr: 'Segmentation fault' })
    await expect(call).rejects.toMatchObject({ code: 'engine_crashed' })
  })
})

describe('a failed engine', () => {
  it('rejects calls at once, until it is restarted by hand', async () => {
    const { processes, clock, supervisor } = ready()
    for (let n = 0; n < 3; n += 1) {
      processes.latest().crash()
      clock.advanceSeconds(2)
    }
    await expect(supervisor.call('length', { sequence: 0 })).rejects.toMatchObject({
      code: 'engine_unavailable',
    })
    await supervisor.restart()
    expect(processes.count()).toBe(4)
    const length = supervisor.call('length', { sequence: 0 })
    processes.latest().hello()
    processes.latest().reply('length', 5)
    await expect(length).resolves.toBe(5)
  })

  it('is not started again when it said that starting is useless', async () => {
    const { processes, clock, supervisor } = supervised()
    const call = supervisor.call('length', { sequence: 0 })
    const error = { code: 'engine_unavailable', message: 'no library', details: { reason: 'no library' } }
    processes.latest().post({ type: 'startFailed', error })
    processes.latest().crash({ exit: { code: 1, signal: null } })
    await expect(call).rejects.toMatchObject(error)
    clock.advanceSeconds(60)
    expect(processes.count()).toBe(1)
    expect(supervisor.status()).toEqual({ state: 'failed', reason: 'no library' })
  })
})

describe('the heartbeat', () => {
  it('missed for ten seconds only marks the engine unresponsive, and heard again makes it ready', async () => {
    const { processes, clock, supervisor, states } = ready()
    const length = supervisor.call('length', { sequence: 0 })
    clock.advanceSeconds(9)
    expect(supervisor.status().state).toBe('ready')
    clock.advanceSeconds(1)
    expect(supervisor.status()).toEqual({
      state: 'unresponsive',
      reason: 'nothing was heard from it for 10 seconds',
    })
    expect(processes.latest().wasKilled).toBe(false)
    processes.latest().heartbeat()
    expect(states).toEqual(['starting', 'ready', 'unresponsive', 'ready'])
    processes.latest().reply('length', 1)
    await expect(length).resolves.toBe(1)
  })

  it('keeps the engine ready while it comes every second', () => {
    const { processes, clock, states } = ready()
    for (let n = 0; n < 60; n += 1) {
      clock.advanceSeconds(1)
      processes.latest().heartbeat()
    }
    expect(states).toEqual(['starting', 'ready'])
  })
})

describe('stop', () => {
  it('asks, and is done when the process has ended', async () => {
    const { processes, clock, supervisor } = ready()
    const stopped = supervisor.stop()
    expect(processes.latest().received.at(-1)).toEqual({ type: 'stop' })
    processes.latest().end(CALM_EXIT)
    await stopped
    expect(processes.latest().wasKilled).toBe(false)
    expect(supervisor.status().state).toBe('stopped')
    expect(clock.timerCount()).toBe(0)
  })

  it('kills a process that does not end within three seconds', async () => {
    const { processes, clock, supervisor } = ready()
    const stopped = supervisor.stop()
    clock.advanceSeconds(2.9)
    expect(processes.latest().wasKilled).toBe(false)
    clock.advanceSeconds(0.1)
    expect(processes.latest().wasKilled).toBe(true)
    await stopped
  })

  it('called twice is the same stop, rejects running calls as cancelled and later ones as unavailable', async () => {
    const { processes, clock, supervisor } = ready()
    const running = supervisor.call('length', { sequence: 0 })
    const stops = [supervisor.stop(), supervisor.stop()]
    processes.latest().end(CALM_EXIT)
    await Promise.all(stops)
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    await expect(supervisor.call('length', { sequence: 0 })).rejects.toMatchObject({
      code: 'engine_unavailable',
    })
    clock.advanceSeconds(60)
    expect(processes.count()).toBe(1)
  })

  it('between a crash and the restart calls the restart off', async () => {
    const { processes, clock, supervisor } = ready()
    processes.latest().crash()
    await supervisor.stop()
    clock.advanceSeconds(60)
    expect(processes.count()).toBe(1)
    expect(clock.timerCount()).toBe(0)
  })
})

describe('restart', () => {
  it('kills a process that does not answer and starts another, without counting a crash', async () => {
    const { processes, supervisor, states } = ready()
    const running = supervisor.call('length', { sequence: 0 })
    await Promise.all([supervisor.restart(), supervisor.restart()])
    await expect(running).rejects.toMatchObject({ code: 'engine_crashed' })
    expect(processes.count()).toBe(2)
    expect(states).toEqual(['starting', 'ready', 'restarting', 'starting'])
  })
})

describe('a cancelled call', () => {
  it('rejects once the engine has confirmed', async () => {
    const { processes, supervisor, clock } = ready()
    const abort = new AbortController()
    const call = supervisor.call('unload', {}, { signal: abort.signal })
    const id = processes.latest().requests('unload')[0]?.id
    abort.abort()
    expect(processes.latest().received.at(-1)).toEqual({ type: 'cancel', id })
    processes
      .latest()
      .post({ type: 'failure', id, error: { code: 'cancelled', message: 'stopped', details: {} } })
    await expect(call).rejects.toMatchObject({ code: 'cancelled', message: 'stopped' })
    expect(clock.timerCount()).toBe(1) // the heartbeat's
  })

  it('gives the result when the engine had finished before', async () => {
    const { processes, supervisor } = ready()
    const abort = new AbortController()
    const call = supervisor.call('length', { sequence: 0 }, { signal: abort.signal })
    abort.abort()
    processes.latest().reply('length', 9)
    await expect(call).resolves.toBe(9)
  })

  it('rejects after 200 ms without an answer, and a late reply changes nothing', async () => {
    const { processes, supervisor, clock } = ready()
    const abort = new AbortController()
    const events: unknown[] = []
    const call = supervisor.call(
      'length',
      { sequence: 0 },
      { signal: abort.signal, onEvent: (event) => events.push(event) },
    )
    abort.abort()
    clock.advanceSeconds(0.2)
    await expect(call).rejects.toMatchObject({ code: 'cancelled' })
    const [request] = processes.latest().requests('length')
    processes.latest().post({ type: 'event', id: request?.id, event: { kind: 'fraction', fraction: 0.5 } })
    processes.latest().reply('length', 9)
    expect(events).toEqual([])
    expect(processes.latest().wasKilled).toBe(false)
  })

  it('is not even sent when it was cancelled before the engine was ready', async () => {
    const { processes, supervisor } = supervised()
    const abort = new AbortController()
    const call = supervisor.call('length', { sequence: 0 }, { signal: abort.signal })
    abort.abort()
    await expect(call).rejects.toMatchObject({ code: 'cancelled' })
    processes.latest().hello()
    expect(processes.latest().requests('length')).toEqual([])
    await expect(supervisor.call('length', { sequence: 0 }, { signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})

describe('an engine that does not keep to the protocol', () => {
  it.each([
    ['no object', 42],
    ['an unknown type', { type: 'surprise' }],
    ['an unknown key', { type: 'heartbeat', extra: 1 }],
    ['an unknown error code', { type: 'failure', id: 1, error: { code: 'oops', message: '', details: {} } }],
  ])('is killed and counted as crashed when it sends %s', async (_, message) => {
    const { processes, supervisor, clock } = ready()
    const call = supervisor.call('length', { sequence: 0 })
    const first = processes.latest()
    first.post(message)
    expect(first.wasKilled).toBe(true)
    await expect(call).rejects.toMatchObject({ code: 'engine_crashed' })
    clock.advanceSeconds(1)
    expect(processes.count()).toBe(2)
  })

  it('is killed when a result is not what the method promises', async () => {
    const { processes, supervisor } = ready()
    const call = supervisor.call('length', { sequence: 0 })
    processes.latest().reply('length', 'seventeen')
    await expect(call).rejects.toThrow(/engine\.length result: Invalid input: expected int|expected number/)
  })
})

it('ends only the call whose listener throws', async () => {
  const { processes, supervisor } = ready()
  const broken = supervisor.call(
    'unload',
    {},
    {
      onEvent: () => {
        throw new Error('listener broke')
      },
    },
  )
  const other = supervisor.call('length', { sequence: 0 })
  const id = processes.latest().requests('unload')[0]?.id
  processes.latest().post({ type: 'event', id, event: { kind: 'fraction', fraction: 1 } })
  processes.latest().reply('length', 2)
  await expect(broken).rejects.toMatchObject({ code: 'internal', message: 'listener broke' })
  await expect(other).resolves.toBe(2)
})

it('keeps the last two hundred lines of stderr', () => {
  const { processes, supervisor } = ready()
  const lines = Array.from({ length: 250 }, (_, n) => `line ${String(n)}`)
  processes.latest().crash({ stderr: lines.join('\n') })
  expect(supervisor.stderrTail()).toHaveLength(200)
  expect(supervisor.stderrTail()[0]).toBe('line 50')
})
