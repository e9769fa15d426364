import { Command, CommanderError } from 'commander'
import { AppError } from '../../contract/errors'
import { waitForAbort } from '../../services/wait-for-abort'
import { addAskCommand } from './commands/ask'
import { addConvertCommand } from './commands/convert'
import { addDoctorCommand } from './commands/doctor'
import { addEvalCommand } from './commands/eval'
import { addModelsCommand } from './commands/models'
import { addServeCommand } from './commands/serve'
import { addVerifyGoldenCommand } from './commands/verify-golden'
import { EXIT, UsageError, exitCodeOf } from './exit-codes'
import { errorLine, writeFailure, writeJsonLine, type Output } from './output'
import { programVersion } from './program-version'

/** What a command may touch of the process it runs in. */
export interface CliContext {
  readonly output: Output
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder that relative paths start from. */
  readonly cwd: string
}

/** The same, as commands see it. */
export interface CommandContext extends CliContext {
  /** For a command that did its work and found something wrong: the process ends with this code. */
  readonly setExitCode: (code: number) => void
}

/** How long a failure waits for the Ctrl+C that may have caused it. */
const ABORT_FOLLOWS_MS = 30

const EXAMPLES = `
Examples:
  longlens ask holiday.mp4 "When does the dog appear?"
  longlens ask scans/ "How many of these are maps?" --json
  longlens convert ~/checkpoints/LongLLaVA-9B --vision ~/checkpoints/clip --out longllava-9b --quantize q4_k_m
  longlens doctor
`

/**
 * Runs one command.
 * @param args - without node and the script, e.g. `['ask', 'film.mp4', 'What happens?']`
 * @returns the exit code: 0 done, 1 failed, 2 wrong use, 130 interrupted
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  let exitCode: number = EXIT.done
  const program = makeProgram({
    ...context,
    setExitCode: (code) => {
      exitCode = code
    },
  })
  try {
    if (args.length === 0) {
      program.outputHelp()
      return EXIT.done
    }
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (thrown) {
    if (thrown instanceof AppError) await waitForAbort(context.signal, ABORT_FOLLOWS_MS)
    return fail(thrown, args, context)
  }
}

/** Says what went wrong, unless the person knows already, and gives the exit code. */
function fail(thrown: unknown, args: readonly string[], { output, signal }: CliContext): number {
  // Help was asked for, or was printed because a command group was named alone.
  if (thrown instanceof CommanderError && (thrown.exitCode === 0 || thrown.code === 'commander.help')) {
    return exitCodeOf(thrown)
  }
  if (signal.aborted) {
    // The same signal may have ended the engine or ffmpeg first: what they failed with is not what happened.
    if (wantsJson(args)) writeJsonLine(output, INTERRUPTED_LINE)
    return EXIT.interrupted
  }
  const failure = thrown instanceof CommanderError ? usageErrorOf(thrown, args) : thrown
  const code = exitCodeOf(failure)
  if (wantsJson(args)) writeJsonLine(output, errorLine(failure))
  else if (code !== EXIT.interrupted) writeFailure(output, failure)
  return code
}

/** Commander's words, in the form of all other failures. */
function usageErrorOf(thrown: CommanderError, args: readonly string[]): UsageError {
  const message = thrown.message.replace(/^error: /u, '')
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`
  const command =
    args[0]?.startsWith('-') === false && thrown.code !== 'commander.unknownCommand' ? `${args[0]} ` : ''
  const dash =
    thrown.code === 'commander.unknownOption'
      ? ' A file name that begins with a dash is written ./-name.'
      : ''
  return new UsageError(
    /[.!?)]$/u.test(sentence) ? sentence : `${sentence}.`,
    `See "longlens ${command}--help".${dash}`,
  )
}

/** The last line of a command that was stopped, with `--json`. */
export const INTERRUPTED_LINE = errorLine(new AppError('cancelled', 'interrupted'))

export function wantsJson(args: readonly string[]): boolean {
  return optionsOf(args).includes('--json')
}

/** The words that may be options: those before a lone `--`. */
function optionsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  return end < 0 ? args : args.slice(0, end)
}

function makeProgram(context: CommandContext): Command {
  const { output } = context
  const program = new Command('longlens')
    .description('Ask questions about long videos and very large image sets, on your own machine.')
    .version(programVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out.write(text),
      writeErr: (text) => output.err.write(text),
      // Said by `fail`, as text or as JSON.
      outputError: () => undefined,
    })
  addAskCommand(program, context)
  addConvertCommand(program, context)
  addEvalCommand(program, context)
  addVerifyGoldenCommand(program, context)
  addModelsCommand(program, context)
  addDoctorCommand(program, context)
  addServeCommand(program, context)
  return program
}
