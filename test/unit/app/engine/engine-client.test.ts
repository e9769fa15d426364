import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../app/contract/errors'
import { createEngineClient } from '../../../../app/engine/engine-client'
import type { LoadOptions } from '../../../../app/engine/engine-client-types'
import type { VariantChoice } from '../../../../app/engine/engine-variants'
import { fakeEngineWorld } from '../../../helpers/fake-engine-world'
import { officialDescription } from '../../../helpers/model-descriptions'

const choice: VariantChoice = {
  chosen: {
    variant: 'cpu',
    build: 'linux-x64',
    version: '3.22.1',
    folder: '/l',
    libraries: ['/l/a'],
    backends: [],
  },
  reasons: [{ variant: 'cpu', chosen: true, reason: 'It is the only one installed.' }],
}

const loadOptions: LoadOptions = {
  folder: '/models/one',
  description: officialDescription,
  contextTokens: 4096,
  threads: 1,
  gpuLayers: 0,
  flashAttention: true,
  cacheType: 'f16',
  maxSequences: 2,
}

const loadedModel = {
  contextTokens: 4096,
  estimate: {
    modelBytes: 1,
    keyValueBytes: 1,
    recurrentBytes: 1,
    computeBytes: 1,
    visionBytes: 1,
    totalBytes: 5,
  },
  placement: 'CPU, 1 thread',
}

function clientWorld(
  choose: (signal: AbortSignal) => Promise<VariantChoice> = () => Promise.resolve(choice),
) {
  const { processes, clock } = fakeEngineWorld()
  const client = createEngineClient({ spawn: processes.spawn, addonPath: '/addon.node', choose, clock })
  return { processes, clock, client }
}

/** Lets promises that are settled already run their reactions. */
const settled = () => new Promise(setImmediate)

describe('the engine client', () => {
  it('starts nothing before the first call, then posts the chosen variant', async () => {
    const { processes, client } = clientWorld()
    expect(processes.count()).toBe(0)
    expect(client.status()).toEqual({ state: 'stopped', reason: '' })
    const length = client.length(0)
    await settled()
    processes.latest().hello()
    expect(processes.latest().received[0]).toEqual({
      type: 'start',
      addonPath: '/addon.node',
      variant: 'cpu',
      libraries: { folder: '/l', libraries: ['/l/a'], backends: [] },
    })
    processes.latest().reply('length', 3)
    await expect(length).resolves.toBe(3)
  })

  it('chooses once for calls that come together', async () => {
    let chosen = 0
    const { processes, client } = clientWorld(() => {
      chosen += 1
      return Promise.resolve(choice)
    })
    void client.length(0).catch(() => undefined)
    void client.length(1).catch(() => undefined)
    await settled()
    expect([chosen, processes.count()]).toEqual([1, 1])
  })

  it('chooses again after a failure, since something may have been installed', async () => {
    let attempts = 0
    const { processes, client } = clientWorld(() => {
      attempts += 1
      return attempts === 1
        ? Promise.reject(new AppError('engine_unavailable', 'nothing there'))
        : Promise.resolve(choice)
    })
    await expect(client.length(0)).rejects.toMatchObject({ code: 'engine_unavailable' })
    void client.length(0).catch(() => undefined)
    await settled()
    expect(processes.count()).toBe(1)
  })

  it('gives the reasons of the choice with its information', async () => {
    const { processes, client } = clientWorld()
    const info = client.info()
    await settled()
    processes.latest().hello()
    processes.latest().reply('info', { systemInfo: 'AVX2', devices: [] })
    await expect(info).resolves.toEqual({
      variant: 'cpu',
      reasons: choice.reasons,
      systemInfo: 'AVX2',
      devices: [],
    })
  })

  it('disposed while it chooses calls the choice off and starts nothing', async () => {
    const { processes, client } = clientWorld(
      (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve(choice)
          })
        }),
    )
    const length = client.length(0)
    await settled()
    await Promise.all([
      client.dispose(),
      expect(length).rejects.toMatchObject({ code: 'engine_unavailable' }),
    ])
    expect(processes.count()).toBe(0)
    await expect(client.length(0)).rejects.toMatchObject({ code: 'engine_unavailable' })
  })

  it('rejects a cancelled call at once, also while it chooses', async () => {
    const { client } = clientWorld(() => new Promise(() => undefined))
    const abort = new AbortController()
    const estimate = client.unload({ signal: abort.signal })
    await settled()
    abort.abort()
    await expect(estimate).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('appends nothing without asking the engine', async () => {
    const { processes, client } = clientWorld()
    await client.append(0, [])
    expect(processes.count()).toBe(0)
  })
})

describe('append', () => {
  async function appending(count: number) {
    const { processes, client } = clientWorld()
    const progress: unknown[] = []
    const done = client.append(
      1,
      [
        { kind: 'tokens', tokens: Int32Array.of(5) },
        ...Array.from({ length: count }, (_, n) => ({
          kind: 'images' as const,
          count: 1,
          pixels: new Uint8Array(12).fill(n),
        })),
      ],
      { onProgress: (step) => progress.push(step) },
    )
    await settled()
    const process = processes.latest()
    process.hello()
    const pixels = () => process.received.flatMap((message) => (message.type === 'pixels' ? [message] : []))
    const [request] = process.requests('append')
    return { done, process, progress, pixels, request }
  }

  it('announces pictures and sends their pixels in batches across parts', async () => {
    const { process, pixels, request, done } = await appending(10)
    expect(request?.params).toMatchObject({
      sequence: 1,
      parts: [{ kind: 'tokens' }, { kind: 'images', count: 1 }, {}, {}, {}, {}, {}, {}, {}, {}, {}],
    })
    expect(pixels().map(({ count }) => count)).toEqual([8, 2])
    expect(pixels()[1]?.pixels).toEqual(
      Uint8Array.of(...Array<number>(12).fill(8), ...Array<number>(12).fill(9)),
    )
    process.reply('append', undefined)
    await done
  })

  it('never has more than two batches waiting at the engine', async () => {
    const { process, pixels, request, progress } = await appending(40)
    const event = (details: object) => {
      process.post({ type: 'event', id: request?.id, event: details })
    }
    expect(pixels()).toHaveLength(2)
    event({ kind: 'pixelsTaken' })
    expect(pixels()).toHaveLength(3)
    event({ kind: 'append', stage: 'encode', done: 8, total: 40 })
    expect(pixels()).toHaveLength(3)
    for (let n = 0; n < 5; n += 1) event({ kind: 'pixelsTaken' })
    expect(pixels()).toHaveLength(5)
    expect(progress).toEqual([{ stage: 'encode', done: 8, total: 40 }])
  })

  it('refuses pictures of different sizes', async () => {
    const { client } = clientWorld()
    await expect(
      client.append(0, [
        { kind: 'images', count: 1, pixels: new Uint8Array(12) },
        { kind: 'images', count: 1, pixels: new Uint8Array(27) },
      ]),
    ).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

it('after a crash sends the load again and nothing else', async () => {
  const { processes, clock, client } = clientWorld()
  const crashed = client.length(0)
  await settled()
  processes.latest().crash()
  await expect(crashed).rejects.toMatchObject({ code: 'engine_crashed' })
  clock.advanceSeconds(1)
  processes.latest().hello()
  expect(processes.latest().received.map(({ type }) => type)).toEqual(['start'])
  expect(client.status().state).toBe('ready')
})

it('says that the engine crashed when it died between two calls, until the model is loaded again', async () => {
  const { processes, clock, client } = clientWorld()
  const load = async () => {
    const loading = client.load(loadOptions)
    await settled()
    if (client.status().state !== 'ready') processes.latest().hello()
    await settled()
    processes.latest().reply('load', loadedModel)
    await loading
  }
  await load()

  processes.latest().crash()

  // At once: nothing waits for the new process, which holds no model.
  await expect(client.length(0)).rejects.toMatchObject({ code: 'engine_crashed' })
  clock.advanceSeconds(1)
  processes.latest().hello()
  await expect(client.clear(0)).rejects.toMatchObject({ code: 'engine_crashed' })
  await load()
  const length = client.length(0)
  await settled()
  processes.latest().reply('length', 0)
  await expect(length).resolves.toBe(0)
})
