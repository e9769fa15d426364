import { ORPCError } from '@orpc/client'
import { AppError, describe, type ErrorCode, errorCodes, toAppError } from './errors'
import { type Failure, failureSchema } from './error-map'

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
  const data = failureSchema.safeParse(thrown.data)
  if (code !== undefined && data.success) {
    return new AppError(code, thrown.message, data.data.details, { cause: thrown })
  }
  return new AppError('internal', thrown.message, { reason: thrown.message }, { cause: thrown })
}
