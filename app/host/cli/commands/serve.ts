import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Command } from 'commander'
import { AppError } from '../../../contract/errors'
import { programRoot } from '../../program-root'
import { composeProgram } from '../../compose-program'
import { serve } from '../../web/serve'
import { writeJsonLine } from '../output'
import { port } from '../parse-options'
import type { CommandContext } from '../run-cli'

interface Flags {
  readonly host: string
  readonly port: number
  readonly open?: true
  readonly json?: true
}

export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('Open Longlens in a browser: serves the window and its services on this machine.')
    .option('--host <address>', 'address to listen on; anything but 127.0.0.1 lets others in', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 takes any free one', port, 0)
    .option('--open', 'open the default browser')
    .option('--json', 'print {"type":"listening","url":…} on one line')
    .action(async (flags: Flags) => {
      await runServer(flags, context)
    })
}

async function runServer(flags: Flags, context: CommandContext): Promise<void> {
  const program = composeProgram({ env: context.env })
  try {
    const server = await serve({
      ...program.serviceParts,
      rendererFolder: join(programRoot(), 'build', 'renderer'),
      host: flags.host,
      port: flags.port,
    }).catch((thrown: unknown) => {
      throw listenError(thrown, flags)
    })
    if (flags.json === true) writeJsonLine(context.output, { type: 'listening', url: server.url })
    else context.output.out.write(`Longlens is open at ${server.url}\nPress Ctrl+C to end it.\n`)
    if (flags.open === true) openBrowser(server.url)
    if (!context.signal.aborted) await once(context.signal, 'abort')
    await server.close()
  } finally {
    await program.dispose()
  }
}

/** What the system says when it does not let us listen, in words. */
function listenError(thrown: unknown, { host, port: wanted }: Flags): unknown {
  // The server tells it as an AppError; what the system said is its cause.
  const { code } = (thrown instanceof AppError ? thrown.cause : thrown) as NodeJS.ErrnoException
  const reasons: Partial<Record<string, string>> = {
    EADDRINUSE: `Port ${wanted} of ${host} is in use by another program.`,
    EACCES: `Port ${wanted} may not be opened by this account.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine.`,
    ENOTFOUND: `${host} is not an address of this machine.`,
  }
  const reason = code === undefined ? undefined : reasons[code]
  return reason === undefined ? thrown : new AppError('invalid_input', reason, { reason }, { cause: thrown })
}

/** Asks the desktop to show an address. Where there is no desktop the address was printed, so a failure is no harm. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url]
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.once('error', () => undefined)
  child.unref()
}
