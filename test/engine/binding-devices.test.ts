import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { DeviceChoice, EngineBinding } from '../../app/engine/engine-binding'
import { cpuLibraries } from '../helpers/engine-libraries'
import { writeTinyModel } from '../helpers/tiny-model'
import {
  addonPath,
  greedy,
  letterTokens,
  loadAddon,
  sessionParams,
  withFolder,
} from '../helpers/tiny-model-engine'

// native/test/double_devices.cpp: two devices that call themselves GPUs, with 3 and 1 GiB free.
const doubles = join(dirname(addonPath), 'libggml-double.so')

const log: string[] = []
let binding: EngineBinding

beforeAll(() => {
  binding = loadAddon()
  const { folder, libraries } = cpuLibraries()
  expect(binding.initialise({ folder, libraries, backends: [doubles] }).failedBackends).toEqual([])
  binding.onLog((_, text) => log.push(text))
})

/** The device of each layer, the output layer last, as llama.cpp assigned them; and a greedy answer. */
async function place(path: string, choice: DeviceChoice): Promise<{ layers: string[]; answer: number[] }> {
  log.length = 0
  const model = await binding.loadModel({ path, useMmap: true, ...choice }, undefined, undefined)
  const session = await model.createSession(sessionParams)
  await session.append(0, [letterTokens(70)], undefined, undefined)
  const { tokens } = await session.generate(0, { ...greedy, maxTokens: 8 }, undefined, undefined)
  await session.dispose()
  await model.dispose()
  // Log lines travel beside the answers.
  await setTimeout(50)
  const layers = log.flatMap((line) => /layer +\d+ assigned to device (\w+)/.exec(line)?.[1] ?? [])
  return { layers, answer: [...tokens] }
}

describe.skipIf(process.platform === 'win32')('with two devices that call themselves GPUs', () => {
  it('lists them with their memory and leaves the scan to them', () => {
    const gpus = binding.devices().filter((device) => device.type === 'gpu')
    expect(gpus.map((device) => [device.name, device.memoryFreeBytes])).toEqual([
      ['DOUBLE0', 3 * 2 ** 30],
      ['DOUBLE1', 2 ** 30],
    ])
    expect(binding.devices().map((device) => device.name)).not.toContain('KERNELS')
  })

  it('puts the layers where they were asked to be, and computes the same', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'language.gguf')
      await writeTinyModel(path)
      const [CPU, first, second] = ['CPU', 'DOUBLE0', 'DOUBLE1']
      const cases: { choice: DeviceChoice; layers: string[] }[] = [
        { choice: { gpuLayers: 0, devices: [], tensorSplit: [] }, layers: [CPU, CPU, CPU, CPU, CPU] },
        // Split by free memory, 3 to 1.
        {
          choice: { gpuLayers: -1, devices: [], tensorSplit: [] },
          layers: [first, first, first, first, second],
        },
        {
          choice: { gpuLayers: 2, devices: [second], tensorSplit: [] },
          layers: [CPU, CPU, CPU, second, second],
        },
        {
          choice: { gpuLayers: -1, devices: [second, first], tensorSplit: [1, 4] },
          layers: [second, first, first, first, first],
        },
        {
          choice: { gpuLayers: 4, devices: [first, second], tensorSplit: [1, 1] },
          layers: [CPU, first, first, second, second],
        },
      ]
      const answers: number[][] = []
      for (const { choice, layers } of cases) {
        const placed = await place(path, choice)
        expect(placed.layers, JSON.stringify(choice)).toEqual(layers)
        answers.push(placed.answer)
      }
      for (const answer of answers) expect(answer).toEqual(answers[0])
      expect(binding.liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
    })
  })

  it('says out_of_memory when one has no room for a batch, empties that sequence, and goes on', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'language.gguf')
      await writeTinyModel(path)
      const choice = { gpuLayers: -1, devices: [], tensorSplit: [] }
      const model = await binding.loadModel({ path, useMmap: true, ...choice }, undefined, undefined)
      const session = await model.createSession(sessionParams)
      const append = (): Promise<void> => session.append(1, [letterTokens(10)], undefined, undefined)
      await append()
      await session.branch(1, 0)

      process.env['LONGLENS_DOUBLE_IS_FULL'] = 'yes'
      await expect(append()).rejects.toMatchObject({ code: 'out_of_memory' })
      delete process.env['LONGLENS_DOUBLE_IS_FULL']

      expect([session.length(0), session.length(1)]).toEqual([10, 0])
      await append()
      expect(session.length(1)).toBe(10)
      await session.dispose()
      await model.dispose()
    })
  })

  it('refuses a device that is not there, naming those that are, and shares that do not match', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'language.gguf')
      await writeTinyModel(path)
      const load = (choice: DeviceChoice): Promise<unknown> =>
        binding.loadModel({ path, useMmap: true, ...choice }, undefined, undefined)
      await expect(load({ gpuLayers: -1, devices: ['CUDA0'], tensorSplit: [] })).rejects.toThrow(
        'devices: expected one of [DOUBLE0, DOUBLE1], got "CUDA0"',
      )
      await expect(load({ gpuLayers: -1, devices: ['CPU'], tensorSplit: [] })).rejects.toMatchObject({
        code: 'invalid_input',
      })
      await expect(load({ gpuLayers: -1, devices: ['DOUBLE0'], tensorSplit: [1, 2] })).rejects.toThrow(
        'tensorSplit: expected 1 shares, one a device, got 2',
      )
    })
  })
})
