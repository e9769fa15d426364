import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import type { MemoryEstimate, SessionParams } from '../../app/engine/engine-binding'
import { busyShape, tinyShape, writeTinyModel, type TinyModelShape } from '../helpers/tiny-model'
import {
  cpuModel,
  greedy,
  letterTokens,
  openEngine,
  sessionParams,
  withFolder,
} from '../helpers/tiny-model-engine'
import { makeTower, randomPixels, smallTower, writeTower } from '../helpers/vision-file'

afterEach(() => {
  expect(openEngine().liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** After everything that JavaScript let go of is freed; array buffers are freed by another thread, a little later. */
async function residentBytes(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    collectGarbage()
    await setTimeout(100)
  }
  return process.memoryUsage.rss()
}

const MIB = 1024 * 1024

const visionParams = { threads: 1, flashAttention: true, batchImages: 4, device: '' }

async function estimate(
  folder: string,
  shape: TinyModelShape,
  session: SessionParams,
  change: (language: Buffer) => void = () => undefined,
): Promise<MemoryEstimate> {
  const languagePath = join(folder, 'language.gguf')
  const visionPath = join(folder, 'vision.gguf')
  await writeTinyModel(languagePath, shape)
  const language = await readFile(languagePath)
  change(language)
  await writeFile(languagePath, language)
  await writeTower(visionPath, makeTower(smallTower))
  const vision = { ...visionParams, path: visionPath }
  return openEngine().estimateMemory({ languagePath, visionPath, session, vision })
}

describe('the estimate', () => {
  const settings: { name: string; shape: TinyModelShape; session: SessionParams }[] = [
    { name: 'a small context', shape: tinyShape, session: sessionParams },
    {
      name: 'an odd context of one sequence',
      shape: tinyShape,
      session: { ...sessionParams, contextTokens: 1000, maxSequences: 1 },
    },
    {
      name: 'a large vocabulary',
      shape: { ...tinyShape, extraPieces: 20_000 },
      session: { ...sessionParams, maxSequences: 16 },
    },
    {
      name: 'full precision',
      shape: busyShape,
      session: { ...sessionParams, contextTokens: 20_000, cacheType: 'f32', flashAttention: false },
    },
    {
      name: 'a quantized cache',
      shape: busyShape,
      session: { ...sessionParams, contextTokens: 20_000, cacheType: 'q8_0', batchTokens: 512 },
    },
  ]
  for (const { name, shape, session: params } of settings) {
    it(`is what llama.cpp then takes, to its rounding of 0.01 MiB a buffer, for ${name}`, async () => {
      await withFolder(async (folder) => {
        const planned = await estimate(folder, shape, params)
        const path = join(folder, 'language.gguf')
        const model = await openEngine().loadModel({ ...cpuModel, path }, undefined, undefined)
        const session = await model.createSession(params)
        const { memory } = session
        expect(planned.modelBytes).toBe(model.sizeBytes)
        expect(Math.abs(planned.keyValueBytes - memory.keyValueBytes)).toBeLessThan(0.01 * MIB)
        expect(Math.abs(planned.recurrentBytes - memory.recurrentBytes)).toBeLessThan(0.01 * MIB)
        expect(Math.abs(planned.computeBytes - memory.computeBytes)).toBeLessThan(0.02 * MIB)
        expect(planned.totalBytes).toBe(
          planned.modelBytes +
            planned.keyValueBytes +
            planned.recurrentBytes +
            planned.computeBytes +
            planned.visionBytes,
        )
        await session.dispose()
        await model.dispose()
      })
    })
  }

  it('is refused for a header whose sizes ask for more than any machine has', async () => {
    await withFolder(async (folder) => {
      const params = { ...sessionParams, contextTokens: 2 ** 24 }
      const key = 'jamba.attention.head_count_kv'
      const estimating = estimate(folder, tinyShape, params, (language) => {
        // Behind the key: type, element type, length, then the heads by layer, of which the second attends.
        language.writeInt32LE(2 ** 24, language.indexOf(key) + key.length + 16 + 4)
      })
      await expect(estimating).rejects.toMatchObject({
        code: 'model_invalid',
        message: expect.stringContaining('more memory than any machine has') as string,
      })
    })
  })

  it('is within 15 % of what the process grows by, which is given back', async () => {
    await withFolder(async (folder) => {
      const params: SessionParams = { ...sessionParams, contextTokens: 20_000, batchTokens: 256 }
      const planned = await estimate(folder, busyShape, params)
      const expected = planned.totalBytes - planned.visionBytes
      const binding = openEngine()
      const before = await residentBytes()
      const path = join(folder, 'language.gguf')
      const model = await binding.loadModel({ ...cpuModel, path, useMmap: false }, undefined, undefined)
      const session = await model.createSession(params)
      await session.append(0, [letterTokens(600)], undefined, undefined)
      const grown = (await residentBytes()) - before
      await session.dispose()
      await model.dispose()
      const kept = (await residentBytes()) - before
      console.log(
        `estimate ${(expected / MIB).toFixed(1)} MiB, the process grew by ${(grown / MIB).toFixed(1)} MiB ` +
          `and kept ${(kept / MIB).toFixed(1)} MiB`,
      )
      expect(Math.abs(grown - expected)).toBeLessThan(0.15 * expected)
      expect(kept).toBeLessThan(0.1 * expected)
    })
  })
})

describe('fifty rounds of loading and unloading', () => {
  it('grow the process by at most 2 %', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const path = join(folder, 'language.gguf')
      await writeTinyModel(path, { ...tinyShape, width: 256, feedForward: 512, kvHeads: [0, 2, 0] })
      const round = async (): Promise<void> => {
        const model = await binding.loadModel({ ...cpuModel, path }, undefined, undefined)
        const session = await model.createSession(sessionParams)
        await session.append(0, [letterTokens(100)], binding.createCancelToken(), () => undefined)
        await session.restore(1, await session.snapshot(0))
        await session.generate(1, { ...greedy, maxTokens: 5 }, undefined, () => undefined)
        await session.dispose()
        await model.dispose()
      }
      for (let i = 0; i < 10; i += 1) await round()
      // The heap of JavaScript grows once in a while; what is not freed grows in every fifty rounds.
      const growths: number[] = []
      while (growths.length < 3 && !growths.some((growth) => growth < 1.02)) {
        const before = await residentBytes()
        for (let i = 0; i < 50; i += 1) await round()
        const after = await residentBytes()
        console.log(
          `50 rounds: ${(before / MIB).toFixed(1)} MiB before, ${(after / MIB).toFixed(1)} MiB after`,
        )
        growths.push(after / before)
      }
      expect(Math.min(...growths)).toBeLessThan(1.02)
    })
  })
})

describe('a session that JavaScript forgot', () => {
  it('lives until its job is done, and is freed then, its model with it', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const path = join(folder, 'language.gguf')
      await writeTinyModel(path)
      const begin = async (): Promise<Promise<void>[]> => {
        const model = await binding.loadModel({ ...cpuModel, path }, undefined, undefined)
        const session = await model.createSession({ ...sessionParams, contextTokens: 4096 })
        return [session.append(0, [letterTokens(4000)], undefined, undefined)]
      }
      const [reading] = await begin()
      await residentBytes()
      await reading
      while (binding.liveHandles().models > 0) await residentBytes()
    })
  })
})

describe('a vision tower that JavaScript forgot', () => {
  it('lives until its job is done, and is freed then, with a warning', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const log: string[] = []
      binding.onLog((_, text) => log.push(text))
      const shape = { ...smallTower, imageSize: 64 }
      const path = join(folder, 'vision.gguf')
      await writeTower(path, makeTower(shape))
      const begin = async (): Promise<Promise<Float32Array>[]> => {
        const tower = await binding.loadVisionTower({ ...visionParams, path }, undefined)
        return [tower.encode(randomPixels('forgotten', shape, 400), undefined, undefined)]
      }
      const [encoding] = await begin()
      await residentBytes()
      await encoding
      while (binding.liveHandles().visionTowers > 0) await residentBytes()
      // Log lines travel beside the answers.
      await setTimeout(50)
      expect(log).toContain('a vision tower was never disposed')
    })
  })
})
