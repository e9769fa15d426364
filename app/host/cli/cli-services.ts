import type { ModelDescription } from '../../domain/model-description'
import { engineLibrariesRoot, installedVariants } from '../../engine/engine-libraries'
import type { InstalledLibraries } from '../../services/doctor/examine-machine'
import type { GoldenCase } from '../../services/golden/compare'
import { readGoldenTensors } from '../../services/golden/golden-tensors'
import { verifyGolden, type GoldenReport } from '../../services/golden/verify-golden'
import type { MediaReader } from '../../services/media/media-reader'
import { convertCheckpoint } from '../../services/models/convert/convert-checkpoint'
import { readModelFolder } from '../../services/models/model-folder'
import { composeProgram, type Program } from '../compose-program'
import { programRoot } from '../program-root'
import type { CliContext } from './run-cli'

/** The services of one command, in process. */
export interface CliServices extends Program {
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
  const program = composeProgram({ env: context.env })
  try {
    await work({
      ...program,
      installedLibraries: installedVariants(
        engineLibrariesRoot({ appRoot: programRoot(), env: context.env }),
      ).map(({ build, version, folder }) => ({ build, version, folder })),
      verifyGolden: (folder, signal, onCase) => verifyGolden(folder, goldenParts(program), signal, onCase),
    })
  } finally {
    await program.dispose()
  }
}

function goldenParts({ engine, reader }: Program): Parameters<typeof verifyGolden>[1] {
  return {
    engine,
    importCheckpoint: async (checkpointFolder, visionFolder, outputFolder, signal) => {
      await convertCheckpoint({
        checkpointFolder,
        outputFolder,
        quantize: 'f32',
        ...(visionFolder === undefined ? {} : { visionFolder }),
        ...(signal === undefined ? {} : { signal }),
      })
    },
    readDescription: async (folder) => (await readModelFolder(folder)).description,
    readTensors: readGoldenTensors,
    modelInput: (file, description) => modelInput(reader, file, description),
  }
}

async function modelInput(
  reader: MediaReader,
  path: string,
  { vision }: ModelDescription,
): Promise<Uint8Array> {
  const info = await reader.probe(path)
  const ref = { kind: 'image', media: 0, page: 0 } as const
  for await (const { pixels } of reader.readPictures([ref], [{ path, info }], vision.image)) return pixels
  throw new Error(`expected one picture from ${path}, got none`)
}
