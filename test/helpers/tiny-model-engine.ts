import { createRequire } from 'node:module'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  EngineBinding,
  GenerateParams,
  LoadModelParams,
  NativeModel,
  NativeSession,
  SessionParams,
} from '../../app/engine/engine-binding'
import { cpuLibraries, repositoryRoot } from './engine-libraries'
import { writeTinyModel, type TinyModelShape } from './tiny-model'

export const addonPath = join(repositoryRoot, 'build', 'native', 'longlens.node')

/** The addon before `initialise`. One a process, whatever is asked. */
export function loadAddon(): EngineBinding {
  return createRequire(import.meta.url)(addonPath) as EngineBinding
}

/** The addon with the CPU libraries opened. */
export function openEngine(): EngineBinding {
  const binding = loadAddon()
  const { folder, libraries, backends } = cpuLibraries()
  binding.initialise({ folder, libraries, backends })
  return binding
}

export const sessionParams: SessionParams = {
  contextTokens: 512,
  batchTokens: 64,
  // More than one only spins on a machine that runs other tests at the same time.
  threads: 1,
  flashAttention: true,
  cacheType: 'f16',
  maxSequences: 3,
}

export const cpuModel: Omit<LoadModelParams, 'path'> = {
  gpuLayers: 0,
  devices: [],
  tensorSplit: [],
  useMmap: true,
}

export const greedy: GenerateParams = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, repetitionWindow: 0, seed: 0 },
  maxTokens: 24,
  minTokens: 0,
  endTokens: Int32Array.of(),
  stopStrings: [],
}

/** A folder that is gone after `use`. */
export async function withFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'longlens-binding-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface TinyEngine {
  readonly binding: EngineBinding
  readonly folder: string
  readonly model: NativeModel
  readonly session: NativeSession
}

/** Runs with a made-up model and one session, and disposes of both, in order. */
export async function withTinyEngine<Result>(
  use: (engine: TinyEngine) => Promise<Result>,
  options: { shape?: TinyModelShape; session?: Partial<SessionParams> } = {},
): Promise<Result> {
  return withFolder(async (folder) => {
    const binding = openEngine()
    const path = join(folder, 'language.gguf')
    await writeTinyModel(path, options.shape)
    const model = await binding.loadModel({ ...cpuModel, path }, undefined, undefined)
    try {
      const session = await model.createSession({ ...sessionParams, ...options.session })
      try {
        return await use({ binding, folder, model, session })
      } finally {
        await session.dispose()
      }
    } finally {
      await model.dispose()
    }
  })
}

/** A part of `length` tokens that repeats the letters of the tiny vocabulary. */
export function letterTokens(length: number, first = 0): { kind: 'tokens'; tokens: Int32Array } {
  return { kind: 'tokens', tokens: Int32Array.from({ length }, (_, i) => 261 + ((first + i * 7) % 26)) }
}
