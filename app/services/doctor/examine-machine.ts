import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import process from 'node:process'
import { describe, toAppError } from '../../contract/errors'
import type { EngineClient, EngineInfo } from '../../engine/engine-client-types'
import type { Folders } from '../folders'
import { findFfmpeg, type FfmpegTools } from '../media/find-ffmpeg'

const SET_UP_AGAIN = 'Run "npm run build" in the repository, or install the program again.'

/** A part of the report that could not be had, with what to do. */
export interface Trouble {
  readonly problem: string
  readonly remedy: string
}

export interface MachineReport {
  readonly version: string
  readonly node: string
  readonly platform: string
  readonly processor: { readonly name: string; readonly threads: number }
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number }
  readonly ffmpeg: FfmpegTools | Trouble
  readonly engine: (EngineInfo & { readonly installed: readonly InstalledLibraries[] }) | Trouble
  readonly folders: Folders & { readonly program: string; readonly bundledModel: string }
}

/** One set of engine libraries on disk. */
export interface InstalledLibraries {
  readonly build: string
  readonly version: string
  readonly folder: string
}

export interface ExaminedParts {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly engine: EngineClient
  readonly installed: readonly InstalledLibraries[]
  readonly folders: MachineReport['folders']
  readonly signal: AbortSignal
}

/** What this machine has, and what is missing. Starts the engine to see that it starts; loads no model. */
export async function examineMachine(parts: ExaminedParts): Promise<MachineReport> {
  const processors = cpus()
  return {
    version: parts.version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: { name: processors[0]?.model ?? 'unknown', threads: availableParallelism() },
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    ffmpeg: await orTrouble(() => findFfmpeg({ env: parts.env })),
    engine: await orTrouble(async () => ({
      ...(await parts.engine.info({ signal: parts.signal })),
      installed: parts.installed,
    })),
    folders: parts.folders,
  }
}

export function isTrouble(part: object): part is Trouble {
  return 'problem' in part
}

async function orTrouble<Part>(look: () => Promise<Part>): Promise<Part | Trouble> {
  try {
    return await look()
  } catch (thrown) {
    const error = toAppError(thrown)
    if (error.code === 'cancelled') throw error
    const { title, body, remedy } = describe(error)
    // The usual advice is to run this very command.
    return {
      problem: `${title}: ${body}`,
      remedy: error.code === 'engine_unavailable' ? SET_UP_AGAIN : remedy,
    }
  }
}
