import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AskService } from '../../app/services/ask/ask-types'
import { createServices, type ServiceParts } from '../../app/host/create-services'
import type { EngineLife } from '../../app/host/engine-status'
import type { ImportEvent } from '../../app/contract/models'
import type { Services } from '../../app/host/services'
import { EventQueue } from '../../app/services/event-queue'
import type { ModelsService } from '../../app/services/models/models-service'
import { FakeAsk } from './fake-ask'
import { FakeMedia } from './fake-media'

export interface HostWorld<Ask extends AskService> {
  readonly home: string
  readonly services: Services
  readonly ask: Ask
  readonly media: FakeMedia
  /** Writes a file below the home folder and returns its path. */
  file(name: string, content?: string | Uint8Array): string
  /** Closes the services and deletes the home folder. */
  end(): Promise<void>
}

/** The services over a real database in a temporary folder; media, model and engine are fakes. */
export function hostWorld(): HostWorld<FakeAsk> {
  return hostWorldWith(new FakeAsk())
}

export function hostWorldWith<Ask extends AskService>(
  ask: Ask,
  more: Partial<ServiceParts> = {},
): HostWorld<Ask> {
  const home = mkdtempSync(join(tmpdir(), 'longlens-test-'))
  const media = new FakeMedia()
  const services = createServices({ ...serviceParts(home, ask, media), ...more })
  return {
    home,
    services,
    ask,
    media,
    file: (name, content = 'content') => {
      const path = join(home, name)
      writeFileSync(path, content)
      return path
    },
    end: async () => {
      await services.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export function serviceParts(home: string, ask: AskService, media: FakeMedia): ServiceParts {
  const folders = { data: join(home, 'data'), cache: join(home, 'cache'), models: join(home, 'models') }
  return {
    folders,
    ask,
    media,
    previewMedia: media,
    engine: idleEngine,
    createModels: () => noModels,
    sampleFolder: join(home, 'sample'),
  }
}

const idleEngine: EngineLife = {
  status: () => ({ state: 'ready', reason: '' }),
  onStatus: () => () => undefined,
  restart: () => Promise.resolve(),
}

/** One model that needs no files. */
const noModels: ModelsService = {
  list: () => Promise.resolve([]),
  card: () => Promise.resolve({ markdown: null }),
  choose: () => Promise.reject(new Error('not part of this test')),
  importCheckpoint: () => {
    const events = new EventQueue<ImportEvent>({})
    events.fail(new Error('not part of this test'))
    return events
  },
  remove: () => Promise.resolve(),
  chosenFolder: () => Promise.resolve('/models/fake'),
  videoDefaults: () => Promise.resolve({ intervalSeconds: 2, maxFrames: 4 }),
  close: () => Promise.resolve(),
}
