import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { tinyShape, writeTinyModel } from '../helpers/tiny-model'
import { openEngine, sessionParams, withFolder } from '../helpers/tiny-model-engine'
import { makeTower, randomPixels, smallTower, writeTower, type TowerShape } from '../helpers/vision-file'
import { largestDifference } from '../helpers/vision-reference'
import { visionParams, withTower } from '../helpers/vision-tower'

afterEach(() => {
  expect(openEngine().liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
})

/** Takes long enough for a graph to be stopped while it runs. */
const slowTower: TowerShape = {
  ...smallTower,
  imageSize: 128,
  patchSize: 8,
  width: 256,
  feedForward: 1024,
  heads: 4,
  blocks: 8,
}

describe('a job of the vision tower', () => {
  it('is refused when its token was cancelled before, and the tower stays usable', async () => {
    const pixels = randomPixels('before', smallTower, 1)
    await withTower(makeTower(smallTower), async (native, binding) => {
      const token = binding.createCancelToken()
      token.cancel()

      await expect(native.encode(pixels, token, undefined)).rejects.toMatchObject({ code: 'cancelled' })
      expect(await native.encode(pixels, undefined, undefined)).toHaveLength(4 * 64)
    })
  })

  it('stops between batches, with no further progress, and the tower stays usable', async () => {
    const pixels = randomPixels('between', slowTower, 40)
    const one = pixels.subarray(0, 128 * 128 * 3)
    await withTower(
      makeTower(slowTower),
      async (native, binding) => {
        const token = binding.createCancelToken()
        const expected = await native.encode(one, undefined, undefined)
        const seen: number[] = []
        const running = native.encode(pixels, token, (done, total) => {
          expect(total).toBe(40)
          seen.push(done)
          token.cancel()
        })

        await expect(running).rejects.toMatchObject({ code: 'cancelled' })
        expect(seen.length).toBeGreaterThan(0)
        expect(Math.max(...seen)).toBeLessThan(40)
        expect(largestDifference(await native.encode(one, undefined, undefined), expected)).toBe(0)
      },
      { batchImages: 1 },
    )
  })

  it('stops inside a batch: no progress is ever made', async () => {
    const pixels = randomPixels('inside', slowTower, 16)
    await withTower(
      makeTower(slowTower),
      async (native, binding) => {
        const token = binding.createCancelToken()
        let calls = 0
        const running = native.encode(pixels, token, () => (calls += 1))
        setTimeout(() => {
          token.cancel()
        }, 30)

        await expect(running).rejects.toMatchObject({ code: 'cancelled' })
        expect(calls).toBe(0)
      },
      { batchImages: 16 },
    )
  })

  it('tells progress up to the last image', async () => {
    const pixels = randomPixels('progress', smallTower, 9)
    await withTower(makeTower(smallTower), async (native) => {
      const seen: [number, number][] = []
      await native.encode(pixels, undefined, (done, total) => seen.push([done, total]))

      expect(seen.at(0)).toEqual([4, 9])
      expect(seen.at(-1)).toEqual([9, 9])
    })
  })

  it('is refused after dispose, which may be called twice and stops what runs', async () => {
    const pixels = randomPixels('dispose', slowTower, 40)
    await withTower(makeTower(slowTower), async (native) => {
      const running = native.encode(pixels, undefined, undefined)
      const disposing = native.dispose()

      await expect(running).rejects.toMatchObject({
        code: expect.stringMatching(/^(cancelled|disposed)$/) as string,
      })
      await disposing
      await expect(native.dispose()).resolves.toBeUndefined()
      await expect(native.encode(pixels, undefined, undefined)).rejects.toMatchObject({ code: 'disposed' })
      await expect(native.pixelValues(pixels)).rejects.toMatchObject({ code: 'disposed' })
      await expect(native.project(new Float32Array(256))).rejects.toMatchObject({ code: 'disposed' })
    })
  })

  it('is refused with values of the wrong length or kind', async () => {
    const refused = { code: 'invalid_input' }
    await withTower(makeTower(smallTower), async (native) => {
      await expect(
        native.encode(new Uint8Array(16 * 16 * 3 + 1), undefined, undefined),
      ).rejects.toMatchObject({
        ...refused,
        message: 'pixels: expected a positive multiple of 768 values, got 769',
      })
      await expect(native.encode(new Uint8Array(0), undefined, undefined)).rejects.toMatchObject(refused)
      await expect(native.pixelValues(new Uint8Array(1))).rejects.toMatchObject(refused)
      await expect(native.stagesFromPixelValues(new Float32Array(767))).rejects.toMatchObject(refused)
      await expect(native.poolAndProject(new Float32Array(16 * 32 + 32))).rejects.toMatchObject(refused)
      await expect(native.project(new Float32Array(32))).rejects.toMatchObject(refused)
      await expect(native.project(new Uint8Array(128) as unknown as Float32Array)).rejects.toMatchObject(
        refused,
      )
    })
  })
})

describe('loading a vision tower', () => {
  it('refuses a device that does not exist', async () => {
    await expect(
      withTower(makeTower(smallTower), () => Promise.resolve(), { device: 'CUDA7' }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      message: 'expected the name of a device for the vision tower, got "CUDA7"',
    })
  })

  it('refuses parameters out of range', async () => {
    const tower = makeTower(smallTower)
    const load = (params: object) => withTower(tower, () => Promise.resolve(), params)

    await expect(load({ threads: 0 })).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(load({ batchImages: 0 })).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(load({ flashAttention: 'yes' })).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(load({ path: '' })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('stops among the weights when its token is cancelled', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const path = join(folder, 'vision.gguf')
      await writeTower(path, makeTower(slowTower))
      const token = binding.createCancelToken()
      const loading = binding.loadVisionTower({ ...visionParams, path }, token)
      const outcome = expect(loading).rejects.toMatchObject({ code: 'cancelled' })
      // It is counted before its weights are read.
      while (binding.liveHandles().visionTowers === 0) await setImmediate()
      token.cancel()
      await outcome
    })
  })

  it('takes exactly the memory that was estimated from the header, for each batch size', async () => {
    await withFolder(async (folder) => {
      const binding = openEngine()
      const languagePath = join(folder, 'language.gguf')
      const visionPath = join(folder, 'vision.gguf')
      await writeTinyModel(languagePath, tinyShape)
      await writeTower(visionPath, makeTower(smallTower))
      for (const flashAttention of [false, true]) {
        for (const batchImages of [1, 16]) {
          const vision = { ...visionParams, path: visionPath, flashAttention, batchImages }
          const estimate = await binding.estimateMemory({
            languagePath,
            visionPath,
            session: sessionParams,
            vision,
          })
          const tower = await binding.loadVisionTower(vision, undefined)
          expect(tower.memoryBytes).toBe(estimate.visionBytes)
          await tower.encode(randomPixels('memory', smallTower, 16), undefined, undefined)
          await tower.dispose()
        }
      }
    })
  })
})
