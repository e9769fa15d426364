import { describe, toAppError } from '../../contract/errors'
import { UsageError } from './exit-codes'

/** Where a command writes. Answers go to `out`; progress and errors for people go to `err`. */
export interface Output {
  readonly out: NodeJS.WritableStream
  readonly err: NodeJS.WritableStream
  /** True when `err` is a terminal: only then is progress drawn. */
  readonly isTerminal: boolean
}

/** One JSON object a line, as every command's `--json` prints. */
export function writeJsonLine(output: Output, value: unknown): void {
  output.out.write(`${JSON.stringify(value)}\n`)
}

/** A failure as `--json` prints it. */
export function errorLine(thrown: unknown): { type: 'error'; code: string; message: string; remedy: string } {
  if (thrown instanceof UsageError) {
    return {
      type: 'error',
      code: 'invalid_input',
      message: thrown.message,
      remedy: thrown.remedy ?? 'See "longlens --help".',
    }
  }
  const error = toAppError(thrown)
  const text = describe(error)
  return { type: 'error', code: error.code, message: `${text.title}: ${text.body}`, remedy: text.remedy }
}

/** A failure as a person reads it on a terminal: what happened, then what to do. */
export function writeFailure(output: Output, thrown: unknown): void {
  const { message, remedy } = errorLine(thrown)
  output.err.write(`longlens: ${message}\n${remedy}\n`)
}
