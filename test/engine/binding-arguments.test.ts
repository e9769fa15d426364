import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { NativeModel, NativeSession } from '../../app/engine/engine-binding'
import { cpuLibraries } from '../helpers/engine-libraries'
import { writeTinyModel } from '../helpers/tiny-model'
import {
  cpuModel,
  greedy,
  letterTokens,
  loadAddon,
  sessionParams,
  withFolder,
} from '../helpers/tiny-model-engine'

afterEach(() => {
  expect(loadAddon().liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
})

const visionParams = { path: 'none', threads: 1, flashAttention: true, batchImages: 1, device: '' }

// This comes first: a process opens the libraries once.
describe('before initialise', () => {
  it('every call that needs llama.cpp fails with library_missing', async () => {
    const binding = loadAddon()
    const missing = { code: 'library_missing' }
    expect(() => binding.devices()).toThrow(expect.objectContaining(missing) as Error)
    await expect(
      binding.loadModel({ ...cpuModel, path: 'none' }, undefined, undefined),
    ).rejects.toMatchObject(missing)
    await expect(binding.loadVisionTower(visionParams, undefined)).rejects.toMatchObject(missing)
    await expect(
      binding.quantize({ input: 'a', output: 'b', type: 'f16', threads: 1 }, undefined),
    ).rejects.toMatchObject(missing)
    await expect(
      binding.estimateMemory({
        languagePath: 'a',
        visionPath: 'b',
        session: sessionParams,
        vision: visionParams,
      }),
    ).rejects.toMatchObject(missing)
  })

  it('a library that cannot be opened is named, and another attempt may succeed', () => {
    const { folder, libraries } = cpuLibraries()
    expect(() =>
      loadAddon().initialise({ folder, libraries: ['/no/such/library.so'], backends: [] }),
    ).toThrow(
      expect.objectContaining({
        code: 'library_missing',
        message: expect.stringContaining('/no/such/library.so') as string,
      }) as Error,
    )
    const report = loadAddon().initialise({ folder, libraries, backends: ['/no/such/libggml-cuda.so'] })
    expect(report.failedBackends).toEqual([
      { path: '/no/such/libggml-cuda.so', reason: expect.stringContaining('cannot open') as string },
    ])
    expect(report.systemInfo).toContain('CPU')
  })

  it('opens one variant only; the same again is fine', () => {
    const { folder, libraries } = cpuLibraries()
    const variant = { folder, libraries, backends: ['/no/such/libggml-cuda.so'] }
    expect(loadAddon().initialise(variant)).toEqual(loadAddon().initialise(variant))
    expect(() => loadAddon().initialise({ ...variant, folder: '/elsewhere' })).toThrow(
      expect.objectContaining({ code: 'invalid_input' }) as Error,
    )
    expect(
      loadAddon()
        .devices()
        .find((device) => device.type === 'cpu')?.memoryTotalBytes,
    ).toBeGreaterThan(1e8)
  })
})

/** Values that no parameter takes. */
const nonsense: unknown[] = [
  undefined,
  null,
  true,
  'text',
  -1,
  1.5,
  Number.NaN,
  Infinity,
  1e300,
  {},
  [],
  () => 1,
]

/** `openEngine` would ask for other backends than the tests above did. */
async function withEngine(
  use: (engine: { model: NativeModel; session: NativeSession }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'language.gguf')
    await writeTinyModel(path)
    const model = await loadAddon().loadModel({ ...cpuModel, path }, undefined, undefined)
    const session = await model.createSession(sessionParams)
    try {
      await use({ model, session })
    } finally {
      await session.dispose()
      await model.dispose()
    }
  })
}

/** Calls a method with arguments that its type forbids. */
function call(target: object, method: string, args: unknown[]): unknown {
  const found: unknown = Reflect.get(target, method)
  if (typeof found !== 'function') throw new Error(`expected a method ${method}`)
  return Reflect.apply(found, target, args)
}

async function expectInvalid(target: object, method: string, args: unknown[]): Promise<void> {
  const label = `${method}(${args.map((arg) => typeof arg).join(', ')})`
  await expect(call(target, method, args) as Promise<unknown>, label).rejects.toMatchObject({
    code: 'invalid_input',
  })
}

describe('wrong arguments', () => {
  it('reject with invalid_input, wherever they stand', async () => {
    await withEngine(async ({ model, session }) => {
      const parts = [letterTokens(3)]
      for (const value of nonsense) {
        await expectInvalid(loadAddon(), 'loadModel', [value])
        await expectInvalid(loadAddon(), 'quantize', [value])
        await expectInvalid(loadAddon(), 'estimateMemory', [value])
        await expectInvalid(model, 'createSession', [value])
        await expectInvalid(session, 'append', [value, parts])
        await expectInvalid(session, 'append', [0, value])
        await expectInvalid(session, 'append', [0, [value]])
        await expectInvalid(session, 'append', [0, [{ kind: 'tokens', tokens: value }]])
        await expectInvalid(session, 'lastLogits', [value])
        await expectInvalid(session, 'clear', [value])
        await expectInvalid(session, 'branch', [0, value])
        await expectInvalid(session, 'generate', [0, value])
        await expectInvalid(session, 'restore', [0, value])
        await expectInvalid(session, 'snapshot', [value])
        await expectInvalid(
          session,
          'evaluateAll',
          [0, parts[0], value === undefined ? null : [value]].slice(0, 3),
        )
        if (value === undefined) continue
        await expectInvalid(session, 'append', [0, parts, value])
        if (typeof value !== 'function') await expectInvalid(session, 'append', [0, parts, undefined, value])
      }
    })
  })

  it('are named with what was expected and what came', async () => {
    await withEngine(async ({ model, session }) => {
      await expect(model.createSession({ ...sessionParams, threads: Number.NaN })).rejects.toThrow(
        'params.threads: expected an integer of 1 to 512, got NaN',
      )
      await expect(
        session.generate(0, { ...greedy, stopStrings: [''] }, undefined, undefined),
      ).rejects.toThrow('params.stopStrings: expected strings that are not empty, got an array')
      await expect(session.clear(3)).rejects.toThrow('sequence: expected an integer of 0 to 2, got 3')
    })
  })

  it('that only the model can judge are refused and change nothing', async () => {
    await withEngine(async ({ model, session }) => {
      const invalid = { code: 'invalid_input' }
      for (const tokens of [Int32Array.of(-1), Int32Array.of(296), Int32Array.of()]) {
        await expect(
          session.append(0, [{ kind: 'tokens', tokens }], undefined, undefined),
        ).rejects.toMatchObject(invalid)
      }
      const embeddings = new Float32Array(65)
      await expect(
        session.append(0, [{ kind: 'embeddings', embeddings }], undefined, undefined),
      ).rejects.toMatchObject(invalid)
      await expect(session.append(0, [], undefined, undefined)).rejects.toMatchObject(invalid)
      await expect(session.lastLogits(0)).rejects.toMatchObject(invalid)
      await expect(session.generate(0, greedy, undefined, undefined)).rejects.toMatchObject(invalid)
      expect(session.length(0)).toBe(0)
      expect(() => model.tokenBytes(296)).toThrow(expect.objectContaining(invalid) as Error)
      expect(() => session.length(-1)).toThrow(expect.objectContaining(invalid) as Error)
      await expect(
        model.createSession({ ...sessionParams, cacheType: 'q8_0', flashAttention: false }),
      ).rejects.toMatchObject(invalid)
      await session.append(0, [letterTokens(3)], undefined, undefined)
      const endTokens = Int32Array.of(296)
      await expect(session.generate(0, { ...greedy, endTokens }, undefined, undefined)).rejects.toMatchObject(
        invalid,
      )
    })
  })

  it('that only look like a cancel token are refused', async () => {
    await withEngine(async ({ session }) => {
      const token = loadAddon().createCancelToken()
      const imposters = [{ cancel: () => undefined }, Object.create(token), new Proxy(token, {}), [], session]
      for (const imposter of imposters)
        await expectInvalid(session, 'append', [0, [letterTokens(3)], imposter])
    })
  })

  it('of devices name the device that is not there', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'language.gguf')
      await writeTinyModel(path)
      const load = (choice: object): Promise<NativeModel> =>
        loadAddon().loadModel({ ...cpuModel, path, ...choice }, undefined, undefined)
      await expect(load({ gpuLayers: 2, devices: ['CUDA7'] })).rejects.toThrow(
        /devices: expected one of \[.*\], got "CUDA7"/,
      )
      await expect(load({ tensorSplit: [1, 2] })).rejects.toMatchObject({ code: 'invalid_input' })
    })
  })
})

describe('dispose', () => {
  it('may be called twice, and every later call fails with disposed', async () => {
    const disposed = { code: 'disposed' }
    await withEngine(async ({ model, session }) => {
      await session.append(0, [letterTokens(3)], undefined, undefined)
      await session.dispose()
      await session.dispose()
      await expect(session.append(0, [letterTokens(3)], undefined, undefined)).rejects.toMatchObject(disposed)
      await expect(session.generate(0, greedy, undefined, undefined)).rejects.toMatchObject(disposed)
      await expect(session.snapshot(0)).rejects.toMatchObject(disposed)
      expect(() => session.length(0)).toThrow(expect.objectContaining(disposed) as Error)

      await model.dispose()
      await model.dispose()
      await expect(model.createSession(sessionParams)).rejects.toMatchObject(disposed)
      expect(() => model.tokenize('a', true)).toThrow(expect.objectContaining(disposed) as Error)
    })
  })

  it('stops what runs and refuses what waits', async () => {
    await withEngine(async ({ session }) => {
      const running = session.append(0, [letterTokens(500)], undefined, undefined)
      const waiting = session.generate(0, greedy, undefined, undefined)
      const outcomes = Promise.allSettled([running, waiting])
      await session.dispose()
      const [first, second] = await outcomes
      expect(first.status).toBe('rejected')
      expect(second).toMatchObject({ status: 'rejected', reason: { code: 'disposed' } })
    })
  })

  it('of a model waits for its sessions, also for one that could not be made', async () => {
    await withEngine(async ({ model, session }) => {
      await expect(model.dispose()).rejects.toMatchObject({ code: 'invalid_input' })
      await expect(
        model.createSession({ ...sessionParams, cacheType: 'q8_0', flashAttention: false }),
      ).rejects.toMatchObject({ code: 'invalid_input' })
      await session.dispose()
      await model.dispose()
    })
  })
})
