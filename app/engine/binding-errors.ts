import { AppError, toAppError, type ErrorDetails } from '../contract/errors'
import { formatBytes } from '../domain/format-bytes'
import type { EngineBindingError, EngineBindingErrorCode } from './engine-binding'
import { freeMemoryBytes } from './free-memory'

/** What the caller knows and the addon's message does not say. */
export interface ErrorContext {
  /** File the job was about. */
  readonly file?: string
  /** Bytes that were needed, for `out_of_memory`. */
  readonly needBytes?: number
}

const bindingCodes: ReadonlySet<string> = new Set<EngineBindingErrorCode>([
  'invalid_input',
  'library_missing',
  'model_invalid',
  'model_unsupported',
  'out_of_memory',
  'context_full',
  'state_invalid',
  'io_failed',
  'cancelled',
  'disposed',
  'fatal',
])

function isBindingError(thrown: unknown): thrown is EngineBindingError {
  // Some codes are those of AppErrors too, and those are complete already.
  if (thrown instanceof AppError) return false
  return thrown instanceof Error && 'code' in thrown && bindingCodes.has(String(thrown.code))
}

/** Gives what the addon threw the code and the details that people are shown. Other errors become AppErrors too. */
export function fromBindingError(thrown: unknown, context: ErrorContext = {}): AppError {
  if (!isBindingError(thrown)) return toAppError(thrown)
  const make = (code: AppError['code'], details: ErrorDetails): AppError =>
    new AppError(code, thrown.message, details, { cause: thrown })
  const reason = thrown.message.replace(/\.$/, '')
  const file = context.file ?? 'unknown'
  switch (thrown.code) {
    case 'invalid_input':
      return make('invalid_input', { reason })
    case 'library_missing':
      return make('engine_unavailable', { reason })
    case 'model_invalid':
    case 'model_unsupported':
    case 'state_invalid':
      return make(thrown.code, { file, reason })
    case 'out_of_memory':
      return make('out_of_memory', {
        need: context.needBytes === undefined ? 'more memory' : formatBytes(context.needBytes),
        free: formatBytes(freeMemoryBytes()),
      })
    case 'context_full':
      return make('request_too_long', { tokens: 'more', limit: 'fewer', plan: CONTEXT_PLAN })
    case 'cancelled':
      return make('cancelled', {})
    case 'disposed':
      return make('engine_failed', { reason: 'the model was unloaded while this was running' })
    case 'io_failed':
    case 'fatal':
      return make('engine_failed', { reason })
  }
}

/** Runs a step and translates what it throws. */
export async function translated<Result>(
  context: ErrorContext,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step()
  } catch (thrown) {
    throw fromBindingError(thrown, context)
  }
}

export const CONTEXT_PLAN = 'Use fewer pictures or frames, or a larger context.'
