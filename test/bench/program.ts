import { join } from 'node:path'
import process from 'node:process'
import { readModelFolder, type ModelFolder } from '../../app/services/models/model-folder'
import { composeProgram, type Program } from '../../app/host/compose-program'
import { bundledModelFolder } from '../../app/host/program-root'
import type { AskHandlers, AskOptions, AskTurn } from '../../app/services/ask/ask-types'
import type { LoadOptions } from '../../app/engine/engine-client-types'
import { makeNumberedVideo, temporaryFolder } from '../helpers/make-media'

/** Runs with the program's services, the engine's environment changed, and ends them afterwards. */
export async function withProgram<Result>(
  env: Readonly<Record<string, string>>,
  use: (program: Program) => Promise<Result>,
): Promise<Result> {
  // The engine is a child of this process and takes its environment from it.
  const before = { ...process.env }
  Object.assign(process.env, env)
  const program = composeProgram({ env: process.env })
  try {
    return await use(program)
  } finally {
    await program.dispose()
    process.env = before
  }
}

/** A folder with one video of this many frames, ten a second, each unlike the others. */
export async function withVideo<Result>(
  frames: number,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = temporaryFolder()
  try {
    const path = join(folder.path, `${frames}.mp4`)
    makeNumberedVideo(path, { frames, width: 640, height: 360, rate: 10 })
    return await use(path)
  } finally {
    folder.remove()
  }
}

export function aboutVideo(path: string, question = 'What color is the background?'): AskTurn[] {
  return [{ question, media: [{ path, range: null, tiles: false }] }]
}

/** Every frame of the video, greedy. */
export function everyFrame(frames: number, changes: Partial<AskOptions> = {}): AskOptions {
  return {
    modelFolder: bundledModelFolder(),
    maxFrames: frames,
    intervalSeconds: 0.1,
    maxTokens: 16,
    // 36 tokens and a timecode a frame, and room for questions.
    contextTokens: 2 ** Math.ceil(Math.log2(frames * 48 + 1024)),
    threads: null,
    temperature: 0,
    seed: 1,
    continueReply: '',
    ...changes,
  }
}

export function bundledModel(): Promise<ModelFolder> {
  return readModelFolder(bundledModelFolder())
}

export async function loadOptions(contextTokens: number, threads: number): Promise<LoadOptions> {
  const { folder, description } = await bundledModel()
  return {
    folder,
    description,
    contextTokens,
    threads,
    gpuLayers: 0,
    flashAttention: true,
    cacheType: 'f16',
    maxSequences: 2,
  }
}

/** Aborts once this stage has begun, and says when it did. */
export function abortingHandlers(stage: 'decode' | 'encode' | 'prefill' | 'answer'): {
  handlers: AskHandlers
  abortedMs: () => number
} {
  const stop = new AbortController()
  let abortedMs = NaN
  const abort = (): void => {
    if (stop.signal.aborted) return
    abortedMs = performance.now()
    stop.abort()
  }
  return {
    abortedMs: () => abortedMs,
    handlers: {
      signal: stop.signal,
      onProgress: (progress) => {
        if (progress.stage === stage && progress.done > 0) abort()
      },
      onText: () => {
        if (stage === 'answer') abort()
      },
    },
  }
}
