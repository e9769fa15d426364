import { readFileSync } from 'node:fs'
import { AppError, type ErrorDetails } from '../contract/errors'
import type { EngineExit } from './engine-spawn'

/** Lines that a process leaves behind when it ran out of memory. */
const OUT_OF_MEMORY =
  /std::bad_alloc|failed to allocate|out of memory|cudaErrorMemoryAllocation|ErrorOutOfDeviceMemory/i

export interface CrashFacts {
  readonly exit: EngineExit
  /** Its last few lines of stderr. */
  readonly lastWords: readonly string[]
  /** The system ended a process for lack of memory since this one was started. */
  readonly systemRanOutOfMemory: boolean
  /** `need` and `free` as texts, for `out_of_memory`. */
  readonly memory: ErrorDetails
}

/**
 * `out_of_memory` when the process's last words or the system's own count say so, else `engine_crashed`. A SIGKILL
 * that nobody here sent may have come from anyone, so by itself it is only named.
 */
export function crashError({ exit, lastWords: lines, systemRanOutOfMemory, memory }: CrashFacts): AppError {
  const lastWords = lines.join('\n')
  const how = describeExit(exit)
  const details = { ...memory, exit: how, lastWords }
  if (OUT_OF_MEMORY.test(lastWords))
    return new AppError('out_of_memory', `the engine ran out of memory (${how})`, details)
  if (exit.signal !== 'SIGKILL')
    return new AppError('engine_crashed', `the engine ended unexpectedly (${how})`, details)
  if (systemRanOutOfMemory) {
    return new AppError('out_of_memory', 'the system ended the engine for lack of memory (SIGKILL)', details)
  }
  const message = 'the engine was killed from outside (SIGKILL); the system does this when memory runs out'
  return new AppError('engine_crashed', message, details)
}

function describeExit({ code, signal }: EngineExit): string {
  if (signal !== null) return `signal ${signal}`
  return code === null ? 'it could not be started' : `exit code ${String(code)}`
}

/** How many processes the system has ended for lack of memory since it started; undefined where it does not say. */
export function oomKillCount(): number | undefined {
  try {
    const [, count] = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8')) ?? []
    return count === undefined ? undefined : Number(count)
  } catch {
    // Only Linux counts.
    return undefined
  }
}

/** The process sent something that its owner does not understand, and was killed for it. */
export function protocolError(cause: AppError): AppError {
  const message = `the engine sent a message that is not in its protocol: ${cause.message}`
  return new AppError('engine_crashed', message, { lastWords: message }, { cause })
}

/** There is no process to ask, and none will be started by itself. `cause` is why the last one ended. */
export function unavailable(reason: string, cause?: AppError): AppError {
  const details = {
    reason,
    ...(cause === undefined ? {} : { lastWords: cause.details['lastWords'] ?? cause.message }),
  }
  return new AppError('engine_unavailable', `the engine cannot be used: ${reason}`, details, { cause })
}
