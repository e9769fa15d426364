import { join } from 'node:path'
import type { AskService } from '../services/ask/ask-types'
import { ChatService } from '../services/chat/chat-service'
import { Changes } from '../services/database/changes'
import { openDatabase } from '../services/database/open-database'
import { HEARTBEAT_MS, ProcessRegistry } from '../services/database/process-registry'
import { createFolders, databaseFile, type Folders } from '../services/folders'
import type { LibraryMedia } from '../services/library/library-media'
import { LibraryService } from '../services/library/library-service'
import { type PreviewMedia, PreviewService } from '../services/library/preview-service'
import { UploadStore } from '../services/library/upload-store'
import type { ModelsService } from '../services/models/models-service'
import { SettingsService } from '../services/settings/settings-service'
import { type EngineLife, EngineStatusTracker } from './engine-status'
import type { Services } from './services'
import { tidyUp } from './tidy-up'

/** Other processes' writes are looked for this often; the promise is once a second. */
const POLL_MS = 1000
/** What was removed can be brought back this long. */
const KEEP_REMOVED_MS = 30 * 86_400_000
const DEFAULT_UPLOAD_BYTES = 64 * 2 ** 30

export interface ServiceParts {
  readonly folders: Folders
  readonly engine: EngineLife
  readonly ask: AskService
  readonly media: LibraryMedia
  readonly previewMedia: PreviewMedia
  readonly createModels: (parts: {
    settings: SettingsService
    changes: Changes
    folders: Folders
  }) => ModelsService
  /** Folder with sample.json and the samples; null when none are bundled. */
  readonly sampleFolder: string | null
  readonly maxUploadBytes?: number
}

/**
 * Opens the database and composes every service over it. The caller closes them, and afterwards disposes of the
 * engine. Errors: database_newer, database_damaged, disk_full, internal.
 */
export function createServices(parts: ServiceParts): Services {
  const folders = createFolders(parts.folders)
  const database = openDatabase(databaseFile(folders))
  const changes = new Changes(database)
  const processes = new ProcessRegistry(database)
  processes.forgetDead()
  const settings = new SettingsService(database, changes)
  const models = parts.createModels({ settings, changes, folders })
  const engine = new EngineStatusTracker(parts.engine, changes)
  const library = new LibraryService({
    ...parts,
    database,
    changes,
    sampling: () => samplingOf(settings, models),
  })
  const chat = new ChatService({
    database,
    changes,
    processes,
    library,
    settings,
    ask: parts.ask,
    modelFolder: () => models.chosenFolder(),
    observer: engine,
  })
  const uploads = new UploadStore(join(folders.data, 'uploads'), {
    maxBytes: parts.maxUploadBytes ?? DEFAULT_UPLOAD_BYTES,
  })
  const previews = new PreviewService({ cacheFolder: folders.cache, media: parts.previewMedia })
  const before = Date.now() - KEEP_REMOVED_MS
  chat.purge(before)
  const tidying = tidyUp(library.purge(before), { library, uploads, modelsFolder: folders.models })
  const stopTimers = startTimers({ changes, processes, chat })

  const close = async (): Promise<void> => {
    stopTimers()
    await Promise.all([chat.close(), library.close(), models.close(), tidying])
    engine.close()
    processes.leave()
    database.close()
  }
  let closing: Promise<void> | null = null
  return {
    ...{ folders, changes, library, previews, uploads, chat, settings, models, engine },
    close: () => (closing ??= close()),
  }
}

async function samplingOf(
  settings: SettingsService,
  models: ModelsService,
): Promise<{ intervalSeconds: number; maxFrames: number }> {
  const { intervalSeconds, maxFrames } = settings.get()
  const defaults = await models.videoDefaults()
  return {
    intervalSeconds: intervalSeconds ?? defaults.intervalSeconds,
    maxFrames: maxFrames ?? defaults.maxFrames,
  }
}

function startTimers(parts: { changes: Changes; processes: ProcessRegistry; chat: ChatService }): () => void {
  const poll = setInterval(() => {
    ignoreBusy(() => {
      if (parts.changes.poll()) parts.chat.sweep()
    })
  }, POLL_MS)
  const heartbeat = setInterval(() => {
    ignoreBusy(() => {
      parts.processes.heartbeat()
      parts.chat.sweep()
    })
  }, HEARTBEAT_MS)
  // Waiting for other processes' writes is no reason to keep this one alive.
  poll.unref()
  heartbeat.unref()
  return () => {
    clearInterval(poll)
    clearInterval(heartbeat)
  }
}

/** A database that is busy or on a full disk now is looked at again at the next tick. */
function ignoreBusy(work: () => void): void {
  try {
    work()
  } catch {
    return
  }
}
