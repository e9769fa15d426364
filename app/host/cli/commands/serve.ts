import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Command } from 'commander'
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
