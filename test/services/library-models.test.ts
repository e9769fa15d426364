import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ImportEvent } from '../../app/contract/models'
import { AppError } from '../../app/contract/errors'
import type { EngineClient } from '../../app/engine/engine-client-types'
import { createModelsService, type ModelsService } from '../../app/services/models/models-service'
import { writeCheckpoint, writeTower } from '../helpers/checkpoint'
import { collect } from '../helpers/collect'
import { FakeAsk } from '../helpers/fake-ask'
import { hostWorldWith } from '../helpers/host-world'

let home: string
let checkpointFolder: string
let visionFolder: string
let models: ModelsService
let world: ReturnType<typeof hostWorldWith<FakeAsk>>
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'longlens-models-'))
  checkpointFolder = join(home, 'checkpoint')
  visionFolder = join(home, 'tower')
  await writeCheckpoint(checkpointFolder)
  await writeTower(visionFolder)
})
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})
beforeEach(() => {
  world = hostWorldWith(new FakeAsk(), {
    createModels: ({ settings, changes, folders }) => {
      models = createModelsService({
        modelsFolder: folders.models,
        bundledFolder: join(home, 'bundled'),
        settings,
        changes,
        engine: neverDone,
      })
      return models
    },
  })
})
afterEach(async () => {
  await world.end()
})

/** Quantizes until it is stopped. */
const neverDone: Pick<EngineClient, 'quantize'> = {
  quantize: (_, options) =>
    new Promise((_resolve, reject) => {
      options?.signal?.addEventListener('abort', () => {
        reject(new AppError('cancelled', 'stopped'))
      })
    }),
}

async function importAs(name: string): Promise<ImportEvent[]> {
  return await collect(models.importCheckpoint({ checkpointFolder, visionFolder, name }))
}

describe('the models on this machine', () => {
  it('are imported with progress, listed, chosen and removed', async () => {
    const events = await importAs('My model')
    const folder = join(world.home, 'models', 'My model')
    expect(events.at(0)).toMatchObject({ kind: 'progress', stage: 'check' })
    expect(events.at(-1)).toMatchObject({
      kind: 'done',
      model: { folder, bundled: false, chosen: false, problem: null },
    })
    expect(await models.chosenFolder()).toBe(join(home, 'bundled'))

    expect(await models.choose(folder)).toMatchObject({ folder, chosen: true })
    expect(await models.chosenFolder()).toBe(folder)
    expect(await models.videoDefaults()).toEqual({ intervalSeconds: 1, maxFrames: 128 })

    await models.remove(folder)
    expect(existsSync(folder)).toBe(false)
    expect(await models.chosenFolder()).toBe(join(home, 'bundled'))
  })

  it('show their card, and no file of any other folder', async () => {
    writeFileSync(join(checkpointFolder, 'README.md'), '---\nlicense: mit\n---\n# What it can do\n')
    await importAs('with card')
    const folder = join(world.home, 'models', 'with card')
    expect(await models.card(folder)).toEqual({ markdown: '# What it can do\n' })

    rmSync(join(folder, 'README.md'))
    expect(await models.card(folder)).toEqual({ markdown: null })

    for (const other of [checkpointFolder, join(folder, '..'), join(folder, 'language.gguf')]) {
      await expect(models.card(other)).rejects.toMatchObject({ code: 'model_not_found' })
    }
    rmSync(join(checkpointFolder, 'README.md'))
  })

  it('tell of a broken one instead of hiding it, and refuse to choose it', async () => {
    expect(await models.list()).toMatchObject([
      {
        folder: join(home, 'bundled'),
        bundled: true,
        description: null,
        problem: { code: 'model_not_found' },
      },
    ])
    await expect(models.choose(join(home, 'bundled'))).rejects.toMatchObject({ code: 'model_not_found' })
  })

  it('are the only folders that can be chosen or removed, and the bundled one stays', async () => {
    await expect(models.choose(checkpointFolder)).rejects.toMatchObject({ code: 'model_not_found' })
    await expect(models.remove(checkpointFolder)).rejects.toMatchObject({ code: 'model_not_found' })
    await expect(models.remove(join(home, 'bundled'))).rejects.toMatchObject({ code: 'invalid_input' })
    expect(existsSync(checkpointFolder)).toBe(true)
  })

  it.each(['../out', 'a/b', '.hidden', 'C:x', 'dot.'])('do not take %j as a name', async (name) => {
    await expect(importAs(name)).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('keep what is there when a name is taken, and leave nothing when an import is stopped', async () => {
    await importAs('one')
    await expect(importAs('one')).rejects.toMatchObject({ code: 'output_exists' })
    const quantize = 'q8_0'
    for await (const event of models.importCheckpoint({
      checkpointFolder,
      visionFolder,
      name: 'two',
      quantize,
    })) {
      if (event.kind === 'progress' && event.stage === 'quantize') break
    }
    // The import's unfinished folder is there until it has heard of it.
    while (readdirSync(join(world.home, 'models')).length > 1)
      await new Promise((resolve) => setTimeout(resolve, 10))
    expect(readdirSync(join(world.home, 'models'))).toEqual(['one'])
  })

  it('leave nothing of a running import when the program closes, and take no other', async () => {
    const request = { checkpointFolder, visionFolder, name: 'one', quantize: 'q8_0' } as const
    const events = models.importCheckpoint(request)
    const folder = join(world.home, 'models')
    while (readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await world.services.close()
    expect(readdirSync(folder)).toEqual([])
    await expect(collect(events)).rejects.toMatchObject({ code: 'cancelled' })
    await expect(collect(models.importCheckpoint(request))).rejects.toMatchObject({ code: 'cancelled' })
    expect(readdirSync(folder)).toEqual([])
  })
})
