import { CommanderError } from 'commander'
import { toAppError } from '../../contract/errors'

/** DESIGN, "The command line": 0 done, 1 failed, 2 wrong use, 130 interrupted. */
export const EXIT = { done: 0, failed: 1, wrongUse: 2, interrupted: 130 } as const

/** A mistake in how a command was called, told apart from a failure of what it does. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** What to do instead, one sentence; the command's help is named when there is nothing better. */
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string) {
    super(message)
    this.remedy = remedy
  }
}

export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.wrongUse
  if (thrown instanceof UsageError) return EXIT.wrongUse
  return toAppError(thrown).code === 'cancelled' ? EXIT.interrupted : EXIT.failed
}
