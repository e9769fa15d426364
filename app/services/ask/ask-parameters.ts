import { randomInt } from 'node:crypto'
import type { ModelDescription } from '../../domain/model-description'
import type { GenerateParams, LoadOptions } from '../../engine/engine-client-types'
import { machineUse, threadsFor } from '../engine-threads'
import type { ModelFolder } from '../models/model-folder'
import type { AskOptions } from './ask-types'

/** Contexts grow in powers of two from here, so that a slightly longer question needs no new context. */
const SMALLEST_CONTEXT = 4096
/** Room for a few more turns about the same media. */
const HEADROOM = 1024
const REPETITION_WINDOW = 64
const MAX_SEED = 2 ** 32

/**
 * The context for a request of `tokens` positions and some turns more: the next power of two, within what the model
 * was made for.
 */
export function contextFor(tokens: number, description: ModelDescription): number {
  let context = SMALLEST_CONTEXT
  while (context < tokens + HEADROOM) context *= 2
  return Math.min(context, description.language.contextLength)
}

/** What the engine is told to load: one sequence for what was shown, one for the question about it. */
export async function loadOptions(
  { folder, description }: ModelFolder,
  contextTokens: number,
  options: AskOptions,
): Promise<LoadOptions> {
  return {
    folder,
    description,
    contextTokens,
    threads: options.threads ?? threadsFor(description, await machineUse()),
    gpuLayers: 'auto',
    flashAttention: true,
    cacheType: 'f16',
    maxSequences: 2,
  }
}

/** What to do about a request that does not fit; and, where it is not the model that sets the limit, what does. */
export function refusalWords(
  suggestion: string,
  contextTokens: number,
  options: AskOptions,
  { language }: ModelDescription,
): string {
  if (options.contextTokens !== null || contextTokens >= language.contextLength) return suggestion
  const words = (tokens: number) => tokens.toLocaleString('en')
  return `The memory that is free holds ${words(contextTokens)} of the model's ${words(language.contextLength)} tokens. ${suggestion}`
}

/** The person's choices where there are any, the model's own defaults elsewhere. */
export function generateParams(
  { language, sampling }: ModelDescription,
  options: AskOptions,
  maxTokens: number,
): GenerateParams {
  return {
    sampling: {
      temperature: options.temperature ?? sampling.temperature,
      topK: sampling.topK,
      topP: sampling.topP,
      minP: sampling.minP,
      repetitionPenalty: sampling.repetitionPenalty,
      repetitionWindow: REPETITION_WINDOW,
      seed: options.seed ?? randomInt(MAX_SEED),
    },
    maxTokens,
    minTokens: options.continueReply === '' ? language.minTokens : 0,
    endTokens: Int32Array.from(language.endTokens),
    stopStrings: [],
  }
}
