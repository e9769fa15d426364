import { ORPCError } from '@orpc/client'
import { AppError, describe, type ErrorCode, errorCodes, type ErrorDetails, toAppError } from './errors'
import type { Failure } from './error-map'

/** An AppError as it travels: same code, developer's message, and the texts for people filled in. */
export function toRpcError(error: AppError): ORPCError<ErrorCode, Failure> {
  return new ORPCError(error.code, {
    message: error.message,
    data: { ...describe(error), details: { ...error.details } },
    cause: error,
  })
}

/** What a call threw, on the calling side: an AppError with the code and details that the services gave it. */
export function fromRpcError(thrown: unknown): AppError {
  if (!(thrown instanceof ORPCError)) return toAppError(thrown)
  const code = errorCodes.find((known) => known === thrown.code)
  const details = detailsOf(thrown.data)
  if (code !== undefined && details !== null) {
    return new AppError(code, thrown.message, details, { cause: thrown })
  }
  return new AppError('internal', thrown.message, { reason: thrown.message }, { cause: thrown })
}

/**
 * The details in what travelled with a failure (`failureSchema`), null when it is something else. Checked by hand:
 * this is all that the window would load zod for, a sixth of its first script.
 */
function detailsOf(data: unknown): ErrorDetails | null {
  if (typeof data !== 'object' || data === null || !('details' in data)) return null
  const { details } = data
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return null
  const areFacts = Object.values(details).every((value) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  )
  return areFacts ? (details as ErrorDetails) : null
}
