import type { ErrorMap } from '@orpc/contract'
import { z } from 'zod'
import { type AppError, describe, errorCodes, type ErrorCode } from './errors'

/** What travels with every failure: the texts for people, already filled in, and the facts behind them. */
export const failureSchema = z.strictObject({
  title: z.string(),
  body: z.string(),
  remedy: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type Failure = z.infer<typeof failureSchema>

/** A failure that is kept (in a turn, in the library) rather than thrown. */
export const keptFailureSchema = failureSchema.extend({
  code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]),
})
export type KeptFailure = z.infer<typeof keptFailureSchema>

/** The closed list of codes as oRPC wants it: every procedure may fail with any of them. */
export const errorMap = Object.fromEntries(
  errorCodes.map((code) => [code, { data: failureSchema }]),
) as Record<ErrorCode, { data: typeof failureSchema }> satisfies ErrorMap

/** A failure as it travels or is kept: texts filled in, so that whoever shows it needs no table. */
export function toKeptFailure(error: AppError): KeptFailure {
  return { code: error.code, ...describe(error), details: { ...error.details } }
}
