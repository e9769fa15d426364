import { readdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, describe, expect, it } from 'vitest'
import { readGgufHeader } from '../../app/services/models/gguf/gguf-reader'
import { largestDifference } from '../helpers/largest-difference'
import { busyShape, writeTinyModel } from '../helpers/tiny-model'
import {
  cpuModel,
  greedy,
  letterTokens,
  openEngine,
  withFolder,
  withTinyEngine,
} from '../helpers/tiny-model-engine'

afterEach(() => {
  expect(openEngine().liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
})

const cancelled = { code: 'cancelled' }
const busy = { shape: busyShape, session: { contextTokens: 16384, batchTokens: 256 } }
const sinceMs = (start: number): string => `${(performance.now() - start).toFixed(0)} ms`

describe('a cancel token', () => {
  it('stops reading in the middle, empties that sequence only, and the session goes on', async () => {
    await withTinyEngine(async ({ binding, session }) => {
      await session.append(0, [letterTokens(50)], undefined, undefined)
      const before = await session.lastLogits(0)
      await session.branch(0, 1)
      const cancel = binding.createCancelToken()
      let cancelledAt = 0
      const reading = session.append(1, [letterTokens(16_000)], cancel, () => {
        if (cancelledAt === 0) cancelledAt = performance.now()
        cancel.cancel()
      })
      await expect(reading).rejects.toMatchObject(cancelled)
      console.log(`reading stopped ${sinceMs(cancelledAt)} after the cancel`)

      expect(session.length(1)).toBe(0)
      expect(await session.lastLogits(0)).toEqual(before)
      await session.branch(0, 1)
      await session.append(1, [letterTokens(5)], undefined, undefined)
      await session.append(0, [letterTokens(5)], undefined, undefined)
      // The two stand in other cells of the cache, so the same sums are taken in another order.
      expect(largestDifference(await session.lastLogits(1), await session.lastLogits(0))).toBeLessThan(1e-4)
    }, busy)
  })

  it('stops an answer and empties its sequence', async () => {
    await withTinyEngine(async ({ binding, session }) => {
      await session.append(0, [letterTokens(50)], undefined, undefined)
      const cancel = binding.createCancelToken()
      let cancelledAt = 0
      const answer = session.generate(0, { ...greedy, maxTokens: 15_000 }, cancel, () => {
        if (cancelledAt === 0) cancelledAt = performance.now()
        cancel.cancel()
      })
      await expect(answer).rejects.toMatchObject(cancelled)
      console.log(`an answer stopped ${sinceMs(cancelledAt)} after the cancel`)
      expect(session.length(0)).toBe(0)
      await session.append(0, [letterTokens(50)], undefined, undefined)
    }, busy)
  })

  it('stops loading, and a job that has not begun', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const path = join(folder, 'language.gguf')
      await writeTinyModel(path, busyShape)
      const cancel = binding.createCancelToken()
      const loading = binding.loadModel({ ...cpuModel, path, useMmap: false }, cancel, undefined)
      const waiting = binding.loadModel({ ...cpuModel, path }, cancel, undefined)
      const outcome = Promise.all([
        expect(loading).rejects.toMatchObject(cancelled),
        expect(waiting).rejects.toMatchObject(cancelled),
      ])
      cancel.cancel()
      await outcome

      const fractions: number[] = []
      const model = await binding.loadModel({ ...cpuModel, path }, undefined, (fraction) =>
        fractions.push(fraction),
      )
      expect(fractions.at(-1)).toBe(1)
      await model.dispose()
    })
  })

  it('stops evaluateAll', async () => {
    await withTinyEngine(async ({ binding, session }) => {
      const cancel = binding.createCancelToken()
      const evaluation = session.evaluateAll(0, letterTokens(8000), ['l_out-0'], cancel)
      cancel.cancel()
      await expect(evaluation).rejects.toMatchObject(cancelled)
    }, busy)
  })
})

describe('loading', () => {
  it('refuses what is not a model of our kind with a code and a reason', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const load = (path: string): Promise<unknown> =>
        binding.loadModel({ ...cpuModel, path }, undefined, undefined)
      const path = join(folder, 'file.gguf')
      await expect(load(path)).rejects.toMatchObject({ code: 'io_failed' })
      await writeFile(path, 'GGUF, or so it says, and then nothing of the kind')
      await expect(load(path)).rejects.toMatchObject({ code: 'model_invalid' })
      await writeTinyModel(path)
      const whole = await readGgufHeader(path)
      await truncate(path, whole.dataOffset + 1000)
      await expect(load(path)).rejects.toMatchObject({ code: 'model_invalid' })
    })
  })
})

describe('quantize', () => {
  it('writes a smaller model that runs, and no temporary file', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const input = join(folder, 'input.gguf')
      await writeTinyModel(input)
      for (const [type, stored] of [
        ['f16', 'F16'],
        ['bf16', 'BF16'],
        ['q8_0', 'Q8_0'],
      ] as const) {
        const output = join(folder, `${type}.gguf`)
        await binding.quantize({ input, output, type, threads: 1 }, undefined)
        expect((await stat(output)).size).toBeLessThan((await stat(input)).size)
        expect((await readGgufHeader(output)).tensors.get('token_embd.weight')?.type).toBe(stored)

        const model = await binding.loadModel({ ...cpuModel, path: output }, undefined, undefined)
        const session = await model.createSession({
          contextTokens: 256,
          batchTokens: 64,
          threads: 1,
          flashAttention: true,
          cacheType: 'q8_0',
          maxSequences: 1,
        })
        // Rows of the quantized table, looked up by the addon and by llama.cpp.
        const input60 = letterTokens(60)
        const { logits } = await session.evaluateAll(0, input60, [], undefined)
        await session.append(0, [input60], undefined, undefined)
        const last = await session.lastLogits(0)
        expect(
          Math.max(...last.map((value, i) => Math.abs(value - (logits[59 * 296 + i] ?? Number.NaN)))),
        ).toBeLessThan(1e-3)
        await session.dispose()
        await model.dispose()
      }
      expect((await readdir(folder)).sort()).toEqual(['bf16.gguf', 'f16.gguf', 'input.gguf', 'q8_0.gguf'])
    })
  })

  it('stops after the tensor at work and leaves nothing behind', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const input = join(folder, 'input.gguf')
      await writeTinyModel(input, busyShape)
      const cancel = binding.createCancelToken()
      const params = { input, output: join(folder, 'output.gguf'), type: 'q4_k_m', threads: 1 } as const
      const quantizing = binding.quantize(params, cancel)
      // Long enough to have begun, far too short to be done.
      setTimeout(() => {
        cancel.cancel()
      }, 30)
      const start = performance.now()
      await expect(quantizing).rejects.toMatchObject(cancelled)
      console.log(`quantizing stopped ${sinceMs(start + 30)} after the cancel`)
      expect(await readdir(folder)).toEqual(['input.gguf'])
      await binding.quantize(params, undefined)
      expect((await readdir(folder)).sort()).toEqual(['input.gguf', 'output.gguf'])
    })
  })

  it('says why when it cannot', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const input = join(folder, 'input.gguf')
      const quantize = (output: string): Promise<void> =>
        binding.quantize({ input, output, type: 'f16', threads: 1 }, undefined)
      await expect(quantize(join(folder, 'output.gguf'))).rejects.toMatchObject({ code: 'io_failed' })
      await writeTinyModel(input)
      await expect(quantize(input)).rejects.toMatchObject({ code: 'invalid_input' })
      await expect(quantize(join(folder, 'no-folder', 'output.gguf'))).rejects.toMatchObject({
        code: 'io_failed',
      })
      expect(await readdir(folder)).toEqual(['input.gguf'])
    })
  })
})

describe('the event loop', () => {
  it('stays free while the model reads and answers', async () => {
    await withTinyEngine(async ({ session }) => {
      const delay = monitorEventLoopDelay({ resolution: 1 })
      let updates = 0
      delay.enable()
      const start = performance.now()
      await session.append(0, [letterTokens(4000)], undefined, () => (updates += 1))
      const { tokens } = await session.generate(
        0,
        { ...greedy, maxTokens: 100 },
        undefined,
        () => (updates += 1),
      )
      delay.disable()
      const seconds = (performance.now() - start) / 1000
      expect(tokens).toHaveLength(100)
      // 20 a second, and the first and last of each call.
      expect(updates).toBeLessThanOrEqual(seconds * 20 + 4)
      console.log(
        `event loop delay while reading and answering, ${seconds.toFixed(1)} s: ` +
          `p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, mean ${(delay.mean / 1e6).toFixed(1)} ms`,
      )
    }, busy)
  })
})
