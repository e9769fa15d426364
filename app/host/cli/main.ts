import process from 'node:process'
import { runCli } from './run-cli'

/** Entry point of the command line (build/cli.js). */
const interrupt = new AbortController()
/** What a stopped command gets to end before the process leaves anyway; an import has files to remove. */
const GRACE_MS = process.argv[2] === 'convert' ? 5000 : 150

function onSignal(): void {
  if (interrupt.signal.aborted) process.exit(130)
  interrupt.abort()
  setTimeout(() => process.exit(130), GRACE_MS).unref()
}
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)
process.on('SIGHUP', onSignal)

// A reader that closed its end (`longlens ask … | head`) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

const code = await runCli(process.argv.slice(2), {
  output: { out: process.stdout, err: process.stderr, isTerminal: process.stderr.isTTY },
  signal: interrupt.signal,
  env: process.env,
  cwd: process.cwd(),
})
// Nothing may keep the process alive after its answer: handles that are still open belong to ended helpers.
process.stdout.write('', () => process.exit(code))
