import { ORPCError } from '@orpc/client'
import { ValidationError } from '@orpc/contract'
import { AppError, toAppError } from '../contract/errors'
import { toRpcError } from '../contract/rpc-errors'

/** Everything a handler or a schema throws, as an error of the closed list that can travel. */
export function toCallError(thrown: unknown, procedure: readonly string[]): Error {
  if (
    thrown instanceof ORPCError &&
    thrown.cause instanceof ValidationError &&
    thrown.code === 'BAD_REQUEST'
  ) {
    const reason = explainIssues(thrown.cause.issues, procedure)
    return toRpcError(new AppError('invalid_input', reason, { reason }, { cause: thrown }))
  }
  if (thrown instanceof ORPCError && thrown.cause instanceof ValidationError) {
    // Our own answer does not match the contract: a mistake of the program, told with the place it is in.
    const reason = `the answer was malformed: ${explainIssues(thrown.cause.issues, procedure)}`
    return toRpcError(new AppError('internal', reason, { reason }, { cause: thrown }))
  }
  return toRpcError(toAppError(thrown))
}

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
  readonly keys?: unknown
}

/** `chat.ask.media.0.itemId: Invalid string …; chat.ask.speed: unknown key`. */
function explainIssues(issues: readonly Issue[], procedure: readonly string[]): string {
  const lines = issues.flatMap((issue) => {
    const steps = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step))
    const place = [...procedure, ...steps].join('.')
    if (Array.isArray(issue.keys)) return issue.keys.map((key) => `${place}.${String(key)}: unknown key`)
    return [`${place}: ${issue.message}`]
  })
  return lines.slice(0, 5).join('; ')
}

/** The same stream with its errors translated; ending it early ends the source. */
export function translateStream<T>(
  source: AsyncIterator<T>,
  procedure: readonly string[],
): AsyncIterableIterator<T> {
  return {
    async next() {
      try {
        return await source.next()
      } catch (error) {
        throw toCallError(error, procedure)
      }
    },
    async return() {
      await source.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
