import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineMessage, EngineMethod } from '../../../../app/engine/engine-protocol'
import { EngineServer } from '../../../../app/engine/engine-server'
import { bindingError, FakeBinding, fakeDescription, fakeEstimate } from '../../../helpers/fake-binding'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longlens-server-'))
  await writeFile(join(folder, 'language.gguf'), 'a')
  await writeFile(join(folder, 'vision.gguf'), 'b')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function loadOptions() {
  return {
    folder,
    description: fakeDescription,
    contextTokens: 4096,
    threads: 2,
    gpuLayers: 'auto' as number | 'auto',
    flashAttention: true,
    cacheType: 'f16' as const,
    maxSequences: 2,
  }
}

function served(freeBytes = 1e9) {
  const binding = new FakeBinding()
  const messages: EngineMessage[] = []
  const waiting = new Map<number, (message: EngineMessage) => void>()
  const server = new EngineServer({
    binding,
    systemInfo: 'fake',
    freeBytes: () => freeBytes,
    post: (message) => {
      messages.push(message)
      if (message.type === 'reply' || message.type === 'failure') waiting.get(message.id)?.(message)
    },
  })
  let nextId = 0
  /** Sends a request and gives its id and its answer. */
  const request = (method: EngineMethod | (string & {}), params: unknown = {}) => {
    nextId += 1
    const id = nextId
    const answer = new Promise<EngineMessage>((resolve) => waiting.set(id, resolve))
    server.receive({ type: 'request', id, method, params })
    return { id, answer }
  }
  return { binding, messages, server, request }
}

describe('requests', () => {
  it('for an unknown method or with wrong parameters are answered with invalid_input', async () => {
    const { request } = served()
    expect(await request('constructor').answer).toMatchObject({
      type: 'failure',
      error: { code: 'invalid_input' },
    })
    expect(await request('length', { sequence: -1 }).answer).toMatchObject({
      error: {
        code: 'invalid_input',
        message: expect.stringMatching(/^engine\.length\.sequence: /) as string,
      },
    })
  })

  it('without a loaded model are answered with engine_failed', async () => {
    const { request } = served()
    expect(await request('length', { sequence: 0 }).answer).toMatchObject({
      error: { code: 'engine_failed', details: { reason: 'no model is loaded' } },
    })
  })

  it('stream text before their reply', async () => {
    const { request, messages } = served()
    await request('load', loadOptions()).answer
    const params = {
      sampling: {
        temperature: 0,
        topK: 0,
        topP: 1,
        minP: 0,
        repetitionPenalty: 1,
        repetitionWindow: 0,
        seed: 0,
      },
      maxTokens: 2,
      minTokens: 0,
      endTokens: new Int32Array(0),
      stopStrings: [],
    }
    const { id, answer } = request('generate', { sequence: 0, params })
    expect(await answer).toMatchObject({ ok: true, value: { text: 'aa', reason: 'length' } })
    expect(messages.filter((message) => message.type === 'event' && message.id === id)).toEqual([
      { type: 'event', id, event: { kind: 'text', text: 'a', tokensSoFar: 1 } },
      { type: 'event', id, event: { kind: 'text', text: 'a', tokensSoFar: 2 } },
    ])
  })

  it('are stopped by a cancel message, and a cancel for a call that is over is ignored', async () => {
    const { binding, request, server } = served()
    await request('load', loadOptions()).answer
    binding.gates.set('branch', Promise.resolve())
    binding.gates.set('quantize', new Promise(() => undefined))
    const running = request('quantize', { input: '/a', output: '/b', type: 'q8_0', threads: 1 })
    server.receive({ type: 'cancel', id: running.id })
    expect(await running.answer).toMatchObject({ error: { code: 'cancelled' } })
    server.receive({ type: 'cancel', id: running.id })
    server.receive({ type: 'pixels', id: running.id, count: 1, pixels: new Uint8Array(12) })
    expect(await request('branch', { from: 0, to: 1 }).answer).toMatchObject({ ok: true })
  })
})

describe('load', () => {
  it('makes model, session and vision tower and tells where they run', async () => {
    const { binding, request, messages } = served()
    expect(await request('load', loadOptions()).answer).toMatchObject({
      value: { contextTokens: 4096, estimate: fakeEstimate, placement: 'CPU, 2 threads' },
    })
    expect(binding.loads).toEqual([
      { path: join(folder, 'language.gguf'), useMmap: true, gpuLayers: 0, devices: [], tensorSplit: [] },
    ])
    expect(messages).toContainEqual({ type: 'event', id: 1, event: { kind: 'fraction', fraction: 1 } })
  })

  it('follows the device plan', async () => {
    const { binding, request } = served()
    const memoryFreeBytes = 8 * 1024 ** 3
    binding.deviceList = [
      {
        name: 'CUDA0',
        description: 'a card',
        type: 'gpu',
        memoryFreeBytes,
        memoryTotalBytes: memoryFreeBytes,
      },
    ]
    expect(await request('load', loadOptions()).answer).toMatchObject({
      value: { placement: 'CUDA0, all layers' },
    })
    expect(binding.loads[0]).toMatchObject({ gpuLayers: 3, devices: ['CUDA0'], tensorSplit: [3] })
    expect(binding.visionLoads[0]).toMatchObject({ device: 'CUDA0', batchImages: 8 })
  })

  it('asks for the devices and the split of the plan when layers go to two cards', async () => {
    const { binding, request } = served()
    const card = (name: string, memoryFreeBytes: number) => ({
      name,
      description: 'a card',
      type: 'gpu' as const,
      memoryFreeBytes,
      memoryTotalBytes: memoryFreeBytes,
    })
    const GB = 1024 ** 3
    binding.deviceList = [card('CUDA0', 2.5 * GB), card('CUDA1', 4 * GB)]
    binding.estimate = {
      modelBytes: 4.5 * GB,
      keyValueBytes: 0,
      recurrentBytes: 0,
      computeBytes: 0,
      visionBytes: 0.4 * GB,
      totalBytes: 4.9 * GB,
    }
    // Two layers and the output, 1.5 GB each: two go to the larger card beside the vision tower, one to the other.
    expect(await request('load', loadOptions()).answer).toMatchObject({
      value: { placement: 'CUDA1, CUDA0, all layers' },
    })
    expect(binding.loads[0]).toMatchObject({ gpuLayers: 3, devices: ['CUDA1', 'CUDA0'], tensorSplit: [2, 1] })
    expect(binding.visionLoads[0]).toMatchObject({ device: 'CUDA1' })
    // With one layer there, the rest does not fit into main memory.
    expect(await request('load', { ...loadOptions(), gpuLayers: 1 }).answer).toMatchObject({
      error: { code: 'out_of_memory' },
    })
  })

  it('of the same model again is free, and of changed files is not', async () => {
    const { binding, request } = served()
    await request('load', loadOptions()).answer
    await request('load', loadOptions()).answer
    expect(binding.loads).toHaveLength(1)
    await writeFile(join(folder, 'vision.gguf'), 'imported again')
    await request('load', loadOptions()).answer
    expect(binding.loads).toHaveLength(2)
    expect(binding.liveHandles()).toMatchObject({ models: 1, sessions: 1, visionTowers: 1 })
  })

  it('is refused before anything is loaded when memory is short, and keeps the model that is there', async () => {
    const { binding, request } = served(2000)
    await request('load', loadOptions()).answer
    binding.estimate = { ...fakeEstimate, modelBytes: 5 * 1024 ** 3, totalBytes: 5 * 1024 ** 3 + 200 }
    expect(await request('load', { ...loadOptions(), threads: 1 }).answer).toMatchObject({
      error: { code: 'out_of_memory', details: { need: '5.0 GB', free: '2.1 KB' } },
    })
    expect(binding.loads).toHaveLength(1)
    expect(binding.liveHandles().models).toBe(1)
  })

  it('says which file is missing', async () => {
    const { request } = served()
    await rm(join(folder, 'vision.gguf'))
    expect(await request('load', loadOptions()).answer).toMatchObject({
      error: { code: 'model_not_found', details: { file: join(folder, 'vision.gguf') } },
    })
  })

  it.each(['loadModel', 'createSession', 'loadVisionTower'])(
    'leaves nothing behind when %s fails',
    async (job) => {
      const { binding, request } = served()
      binding.failures.set(job, bindingError('model_invalid', 'a tensor is missing.'))
      const file = join(folder, job === 'loadVisionTower' ? 'vision.gguf' : 'language.gguf')
      expect(await request('load', loadOptions()).answer).toMatchObject({
        error: { code: 'model_invalid', details: { file, reason: 'a tensor is missing' } },
      })
      expect(binding.liveHandles()).toMatchObject({ models: 0, sessions: 0, visionTowers: 0 })
    },
  )

  it('refuses files that do not agree with their description', async () => {
    const { binding, request } = served()
    const description = { ...fakeDescription, language: { ...fakeDescription.language, embeddingLength: 8 } }
    expect(await request('load', { ...loadOptions(), description }).answer).toMatchObject({
      error: { code: 'model_invalid', details: { reason: 'its embedding length should be 8 and is 4' } },
    })
    expect(binding.liveHandles()).toMatchObject({ models: 0, sessions: 0, visionTowers: 0 })
  })

  it('cancelled leaves nothing behind', async () => {
    const { binding, request, server } = served()
    binding.gates.set('loadVisionTower', new Promise(() => undefined))
    const { id, answer } = request('load', loadOptions())
    await new Promise((resolve) => setTimeout(resolve, 10))
    server.receive({ type: 'cancel', id })
    expect(await answer).toMatchObject({ error: { code: 'cancelled' } })
    expect(binding.liveHandles()).toMatchObject({ models: 0, sessions: 0, visionTowers: 0 })
  })
})

it('stop cancels what runs and frees the model', async () => {
  const { binding, request, server } = served()
  await request('load', loadOptions()).answer
  binding.gates.set('quantize', new Promise(() => undefined))
  const running = request('quantize', { input: '/a', output: '/b', type: 'q8_0', threads: 1 })
  await server.stop()
  expect(await running.answer).toMatchObject({ error: { code: 'cancelled' } })
  expect(binding.liveHandles()).toMatchObject({ models: 0, sessions: 0, visionTowers: 0 })
})

it.each([
  ['library_missing', 'engine_unavailable'],
  ['model_unsupported', 'model_unsupported'],
  ['out_of_memory', 'out_of_memory'],
  ['context_full', 'request_too_long'],
  ['state_invalid', 'state_invalid'],
  ['io_failed', 'engine_failed'],
  ['disposed', 'engine_failed'],
  ['fatal', 'engine_failed'],
] as const)("the addon's %s reaches the owner as %s", async (thrown, code) => {
  const { binding, request } = served()
  await request('load', loadOptions()).answer
  binding.failures.set('loadState', bindingError(thrown, 'it did not work'))
  const { answer } = request('loadState', { sequence: 0, path: '/states/one', key: 'k' })
  expect(await answer).toMatchObject({ type: 'failure', error: { code } })
})
