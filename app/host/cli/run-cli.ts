import { Command, CommanderError } from 'commander'
import { addAskCommand } from './commands/ask'
import { addConvertCommand } from './commands/convert'
import { addDoctorCommand } from './commands/doctor'
import { addModelsCommand } from './commands/models'
import { addServeCommand } from './commands/serve'
import { addVerifyGoldenCommand } from './commands/verify-golden'
import { EXIT, UsageError, exitCodeOf } from './exit-codes'
import { errorLine, writeFailure, writeJsonLine, type Output } from './output'

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
    const code = context.signal.aborted ? EXIT.interrupted : exitCodeOf(thrown)
    // Commander has printed its own message; a person who pressed Ctrl+C knows.
    if (thrown instanceof CommanderError) return code
    if (args.includes('--json')) writeJsonLine(context.output, errorLine(thrown))
    else if (code !== EXIT.interrupted) writeFailure(context.output, thrown)
    if (thrown instanceof UsageError) return EXIT.wrongUse
    return code
  }
}

function makeProgram(context: CommandContext): Command {
  const { output } = context
  const program = new Command('longlens')
    .description('Ask questions about long videos and very large image sets, on your own machine.')
    .showHelpAfterError('See "longlens --help".')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out.write(text),
      writeErr: (text) => output.err.write(text),
    })
  addAskCommand(program, context)
  addConvertCommand(program, context)
  addVerifyGoldenCommand(program, context)
  addModelsCommand(program, context)
  addDoctorCommand(program, context)
  addServeCommand(program, context)
  return program
}
