import { startEngine } from '../../engine/engine-client-node'
import type { EngineControl } from '../../engine/engine-client-types'
import type { InstalledLibraries } from '../../services/doctor/examine-machine'
import { createAskService } from '../../services/ask/ask-service'
import type { AskService } from '../../services/ask/ask-types'
import { verifyGolden, type GoldenReport } from '../../services/golden/verify-golden'
import type { GoldenCase } from '../../services/golden/compare'
import { readGoldenTensors } from '../../services/golden/golden-tensors'
import { createMediaReader } from '../../services/media/media-reader'
import { convertCheckpoint } from '../../services/models/convert/convert-checkpoint'
import { readModelFolder } from '../../services/models/model-folder'
import { programRoot } from '../program-root'
import type { CliContext } from './run-cli'

/** The services of one command, in process. */
export interface CliServices {
  readonly engine: EngineControl
  readonly ask: AskService
  /** Engine libraries on disk, whether or not they suit this machine. */
  readonly installedLibraries: readonly InstalledLibraries[]
  verifyGolden(
    folder: string,
    signal: AbortSignal,
    onCase: (result: GoldenCase) => void,
  ): Promise<GoldenReport>
}

/** Runs `work` with the services and ends them afterwards, whatever happened. */
export async function withServices(
  context: CliContext,
  work: (services: CliServices) => Promise<void>,
): Promise<void> {
  const engine = startEngine({ appRoot: programRoot(), env: context.env })
  const reader = createMediaReader({ env: context.env })
  try {
    await work({
      engine,
      ask: createAskService({ engine, reader }),
      verifyGolden: (folder, signal, onCase) =>
        verifyGolden(
          folder,
          {
            engine,
            importCheckpoint: (checkpointFolder, visionFolder, outputFolder, importSignal) =>
              convertCheckpoint({
                checkpointFolder,
                outputFolder,
                ...(visionFolder === undefined ? {} : { visionFolder }),
                ...(importSignal === undefined ? {} : { signal: importSignal }),
              }),
            readDescription: async (modelFolder) => (await readModelFolder(modelFolder)).description,
            readTensors: readGoldenTensors,
            modelInput: (file, description) => reader.modelInput(file, description.vision.image),
          },
          signal,
          onCase,
        ),
    })
  } finally {
    await Promise.all([engine.dispose(), reader.dispose()])
  }
}
