import { join } from 'node:path'
import { startEngine } from '../engine/engine-client-node'
import type { EngineSpawn } from '../engine/engine-client'
import type { EngineControl } from '../engine/engine-client-types'
import { createAskService } from '../services/ask/ask-service'
import type { AskService } from '../services/ask/ask-types'
import { resolveFolders, type Folders } from '../services/folders'
import { createLibraryMedia } from '../services/library/media-adapter'
import { findFfmpeg, type FfmpegTools } from '../services/media/find-ffmpeg'
import { listFolder } from '../services/media/list-folder'
import { kindOfName } from '../domain/media/media-kinds'
import { createMediaReader, type MediaReader } from '../services/media/media-reader'
import { createPixelPool } from '../services/media/pixel-pool'
import { createModelsService } from '../services/models/models-service'
import type { ServiceParts } from './create-services'
import { bundledModelFolder, programRoot } from './program-root'

export interface ProgramPlaces {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Electron's resources folder in a packaged program. */
  readonly resourcesPath?: string | undefined
  /** How the engine process is started; `fork` when absent. */
  readonly spawn?: EngineSpawn
}

/** The parts of the program that need no database. Nothing is started before it is used. */
export interface Program {
  readonly engine: EngineControl
  readonly reader: MediaReader
  readonly ask: AskService
  readonly folders: Folders
  /** What `createServices` takes. */
  readonly serviceParts: ServiceParts
  /** Ends the engine process and the pixel worker. Idempotent. */
  dispose(): Promise<void>
}

/** Puts engine, media and ask together, the same way for the command line, the web host and Electron. */
export function composeProgram({ env, resourcesPath, spawn }: ProgramPlaces): Program {
  const folders = resolveFolders(env)
  const engine = startEngine({
    appRoot: programRoot(),
    env,
    resourcesPath,
    ...(spawn === undefined ? {} : { spawn }),
  })
  const tools = once(() => findFfmpeg({ env, resourcesPath }))
  const reader = createMediaReader({ tools, pool: createPixelPool() })
  const ask = createAskService({ engine, media: reader })
  const libraryMedia = createLibraryMedia({
    tools,
    kindOf: kindOfName,
    listFolder: async (path, signal) => (await listFolder(path, { signal })).files,
  })
  return {
    engine,
    reader,
    ask,
    folders,
    serviceParts: {
      folders,
      engine,
      ask,
      media: libraryMedia,
      previewMedia: libraryMedia,
      createModels: ({ settings, changes, folders: { models } }) =>
        createModelsService({
          modelsFolder: models,
          bundledFolder: bundledModelFolder(),
          settings,
          changes,
          engine,
        }),
      sampleFolder: join(bundledModelFolder(), 'sample'),
    },
    dispose: async () => {
      await Promise.all([engine.dispose(), reader.close()])
    },
  }
}

/** Finds the tools with the first file that needs them; a failure is tried again, as ffmpeg may be installed meanwhile. */
function once(find: () => Promise<FfmpegTools>): () => Promise<FfmpegTools> {
  let found: Promise<FfmpegTools> | null = null
  return () => {
    found ??= find().catch((thrown: unknown) => {
      found = null
      throw thrown
    })
    return found
  }
}
