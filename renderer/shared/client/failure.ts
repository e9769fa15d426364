import { describe } from '../../../app/contract/errors'
import type { KeptFailure } from '../../../app/contract/error-map'
import { fromRpcError } from '../../../app/contract/rpc-errors'

/** Anything a call threw, as the texts for people plus code and details. */
export function failureOf(thrown: unknown): KeptFailure {
  const error = fromRpcError(thrown)
  return { code: error.code, ...describe(error), details: { ...error.details } }
}

/** What was asked for is not there any more. */
export function isMissing(thrown: unknown): boolean {
  return fromRpcError(thrown).code === 'gone'
}
