import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEngineClient } from '../../app/engine/engine-client'
import type { AppendProgress, EngineControl, GenerateParams } from '../../app/engine/engine-client-types'
import { forkEngine, type EngineSpawn } from '../../app/engine/engine-spawn'
import { writeEngineModel, TOKENS_PER_IMAGE, type EngineModel } from '../helpers/engine-model'
import { cpuLibraries } from '../helpers/engine-libraries'
import { buildEngineProcess, type BuiltEngineProcess } from '../helpers/engine-process-build'
import { busyShape, tinyShape } from '../helpers/tiny-model'
import { addonPath, greedy } from '../helpers/tiny-model-engine'
import { randomPixels } from '../helpers/vision-file'

const nothingLeft = { models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 }

let built: BuiltEngineProcess
let folder: string
let tiny: EngineModel
let busy: EngineModel
beforeAll(async () => {
  built = buildEngineProcess()
  folder = await mkdtemp(join(tmpdir(), 'longlens-engine-'))
  tiny = await writeEngineModel(join(folder, 'tiny'), tinyShape, 4096)
  busy = await writeEngineModel(join(folder, 'busy'), busyShape, 8192)
})
afterAll(async () => {
  built.remove()
  await rm(folder, { recursive: true, force: true })
})

let client: EngineControl
/** Process ids of the engines of a test, in order. */
let pids: number[]
beforeEach(() => {
  pids = []
  const fork = forkEngine(built.entry)
  const spawn: EngineSpawn = (args, events) => {
    const child = fork(args, events)
    if (child.pid !== undefined) pids.push(child.pid)
    return child
  }
  const reasons = [{ variant: 'cpu' as const, chosen: true, reason: 'It is the only one installed.' }]
  client = createEngineClient({
    spawn,
    addonPath,
    choose: () => Promise.resolve({ chosen: cpuLibraries(), reasons }),
  })
})
afterEach(async () => {
  if (client.status().state === 'ready') {
    await client.unload()
    expect(await client.parity.liveHandles()).toEqual(nothingLeft)
  }
  await client.dispose()
  for (const pid of pids) expect(isAlive(pid)).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function letters(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => 261 + ((i * 7) % 26))
}

const sixteen: GenerateParams = { ...greedy, maxTokens: 16 }

/** Resolves when the state is reached. */
function reached(state: string): Promise<void> {
  return new Promise((resolve) => {
    const end = client.onStatus((status) => {
      if (status.state !== state) return
      end()
      resolve()
    })
  })
}

describe('the engine process', () => {
  it('tells its variant and devices', async () => {
    const info = await client.info()
    expect(info.variant).toBe('cpu')
    expect(info.systemInfo).not.toBe('')
    expect(info.devices.map(({ type }) => type)).toContain('cpu')
  })

  it('loads, reads text and pictures, and streams what it generates', async () => {
    const fractions: number[] = []
    const loaded = await client.load(tiny.load, { onProgress: (fraction) => fractions.push(fraction) })
    expect(loaded).toMatchObject({ contextTokens: 4096, placement: 'CPU, 2 threads' })
    expect(loaded.estimate.totalBytes).toBeGreaterThan(loaded.estimate.modelBytes)
    expect(fractions.at(-1)).toBe(1)

    const progress: AppendProgress[] = []
    const pixels = randomPixels('a', tiny.tower, 20)
    await client.append(
      0,
      [
        { kind: 'tokens', tokens: letters(100) },
        { kind: 'images', pixels, count: 20 },
        { kind: 'tokens', tokens: letters(3) },
      ],
      { onProgress: (step) => progress.push(step) },
    )
    const total = 103 + 20 * TOKENS_PER_IMAGE
    expect(await client.length(0)).toBe(total)
    expect(progress).toContainEqual({ stage: 'encode', done: 20, total: 20 })
    expect(progress.at(-1)).toEqual({ stage: 'prefill', done: total, total })

    const pieces: string[] = []
    const answer = await client.generate(0, sixteen, { onText: (text) => pieces.push(text) })
    expect(answer.tokens).toHaveLength(16)
    expect(answer.reason).toBe('length')
    expect(pieces.join('')).toBe(answer.text)
  })

  it('gives the same state for pictures in one append as for their embeddings computed apart', async () => {
    await client.load(tiny.load)
    const pixels = randomPixels('b', tiny.tower, 11)
    await client.append(0, [
      { kind: 'tokens', tokens: letters(5) },
      { kind: 'images', pixels: pixels.subarray(0, pixels.length / 11), count: 1 },
      { kind: 'images', pixels: pixels.subarray(pixels.length / 11), count: 10 },
    ])
    const embeddings = await client.parity.encode(pixels)
    await client.parity.appendRaw(1, [
      { kind: 'tokens', tokens: letters(5) },
      { kind: 'embeddings', embeddings },
    ])
    const [together, apart] = [await client.parity.lastLogits(0), await client.parity.lastLogits(1)]
    const largest = together.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (apart[i] ?? NaN))),
      0,
    )
    expect(largest).toBeLessThan(1e-4)
  })

  it('branches, saves and loads a state, and refuses one saved with another key', async () => {
    await client.load(tiny.load)
    await client.append(0, [{ kind: 'tokens', tokens: letters(40) }])
    await client.branch(0, 1)
    const file = join(folder, 'state.bin')
    const { bytes } = await client.saveState(1, file, 'key')
    expect(bytes).toBeGreaterThan(0)
    await client.loadState(2, file, 'key')
    expect([await client.length(1), await client.length(2)]).toEqual([40, 40])
    const fromBranch = await client.generate(1, sixteen)
    expect(await client.generate(2, sixteen)).toEqual(fromBranch)
    await expect(client.loadState(3, file, 'other')).rejects.toMatchObject({
      code: 'state_invalid',
      details: { file },
    })
  })

  it('refuses what does not fit, and says how much does', async () => {
    await client.load(tiny.load)
    await expect(client.append(0, [{ kind: 'tokens', tokens: letters(4097) }])).rejects.toMatchObject({
      code: 'request_too_long',
      details: { tokens: 4097, limit: 4096 },
    })
    expect(await client.length(0)).toBe(0)
  })

  it('stops when cancelled while it reads and while it answers', async () => {
    await client.load(busy.load)
    const reading = new AbortController()
    let abortedAt = 0
    const abort = (controller: AbortController): void => {
      if (!controller.signal.aborted) abortedAt = performance.now()
      controller.abort()
    }
    const took = (): string => (performance.now() - abortedAt).toFixed(0)
    const append = client.append(0, [{ kind: 'tokens', tokens: letters(8000) }], {
      signal: reading.signal,
      onProgress: () => {
        abort(reading)
      },
    })
    await expect(append).rejects.toMatchObject({ code: 'cancelled' })
    const appendTook = took()
    expect(await client.length(0)).toBe(0)

    const answering = new AbortController()
    await client.append(0, [{ kind: 'tokens', tokens: letters(10) }])
    const params = { ...sixteen, maxTokens: 4000 }
    const generate = client.generate(0, params, {
      signal: answering.signal,
      onText: () => {
        abort(answering)
      },
    })
    await expect(generate).rejects.toMatchObject({ code: 'cancelled' })
    console.log(`from cancel to stopped: reading ${appendTook} ms, answering ${took()} ms`)
    expect(await client.length(0)).toBeLessThan(4010)
  })

  it('keeps event loops free while it reads and answers', async () => {
    await client.load(busy.load)
    const owner = monitorEventLoopDelay({ resolution: 5 })
    owner.enable()
    await client.developer.eventLoopDelay()
    const pixels = randomPixels('c', busy.tower, 128)
    await client.append(0, [
      { kind: 'images', pixels, count: 128 },
      { kind: 'tokens', tokens: letters(1000) },
    ])
    await client.generate(0, { ...sixteen, maxTokens: 64 })
    const engine = await client.developer.eventLoopDelay()
    owner.disable()
    const ms = (nanoseconds: number): string => Math.max(0, nanoseconds / 1e6 - 5).toFixed(1)
    console.log(
      `event-loop delay while reading and answering, p99 (max): engine ${engine.p99Ms.toFixed(1)} (${engine.maxMs.toFixed(1)}) ms, owner ${ms(owner.percentile(99))} (${ms(owner.max)}) ms`,
    )
    expect(engine.maxMs).toBeGreaterThanOrEqual(engine.p99Ms)
  })

  it('killed in the middle of an answer rejects with engine_crashed, restarts, and answers again', async () => {
    await client.load(tiny.load)
    await client.append(0, [{ kind: 'tokens', tokens: letters(10) }])
    const restarted = reached('restarting').then(() => reached('ready'))
    const answer = client.generate(
      0,
      { ...sixteen, maxTokens: 4000 },
      {
        onText: () => {
          process.kill(pids[0] ?? 0, 'SIGKILL')
        },
      },
    )
    await expect(answer).rejects.toMatchObject({ code: 'engine_crashed' })
    await restarted
    // The model went down with the process; what is asked of it says so until it is loaded again.
    await expect(client.length(0)).rejects.toMatchObject({ code: 'engine_crashed' })
    await client.load(tiny.load)
    await client.append(0, [{ kind: 'tokens', tokens: letters(10) }])
    expect((await client.generate(0, sixteen)).tokens).toHaveLength(16)
    expect(pids).toHaveLength(2)
  })

  it('that aborts leaves its last words', async () => {
    await client.info()
    await expect(client.developer.crash()).rejects.toMatchObject({
      code: 'engine_crashed',
      details: { exit: 'signal SIGABRT' },
    })
  })

  it('survives Ctrl+C in its terminal', async () => {
    await client.info()
    process.kill(pids[0] ?? 0, 'SIGINT')
    expect((await client.info()).variant).toBe('cpu')
    expect(pids).toHaveLength(1)
  })

  it('that cannot load its addon says so and is not started again', async () => {
    const broken = createEngineClient({
      spawn: forkEngine(built.entry),
      addonPath: join(folder, 'no-such-addon.node'),
      choose: () => Promise.resolve({ chosen: cpuLibraries(), reasons: [] }),
    })
    await expect(broken.info()).rejects.toMatchObject({ code: 'engine_unavailable' })
    expect(broken.status().state).toBe('failed')
    await broken.dispose()
  })
})
