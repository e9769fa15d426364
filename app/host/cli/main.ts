import { writeSync } from 'node:fs'
import process from 'node:process'
import { EXIT } from './exit-codes'
import { Interruption, graceMs } from './interrupt'
import { INTERRUPTED_LINE, runCli, wantsJson } from './run-cli'

/** Entry point of the command line (build/cli.js). */
const args = process.argv.slice(2)
const interruption = new Interruption({
  graceMs: graceMs(args),
  leave: () => {
    // Reached only when the command did not settle in time: it has not said its last line yet.
    if (wantsJson(args)) writeLastLine(INTERRUPTED_LINE)
    process.exit(EXIT.interrupted)
  },
  after: (ms, callback) => setTimeout(callback, ms).unref(),
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Node would leave with 13 if everything that the command waits for went down with the signal.
    process.exitCode = EXIT.interrupted
    interruption.interrupt()
  })
}

/** At once and in this process: what is written to the stream now would be lost. */
function writeLastLine(line: unknown): void {
  try {
    writeSync(process.stdout.fd, `${JSON.stringify(line)}\n`)
  } catch {
    // A reader that is gone, or a full pipe: the exit code says it too.
  }
}

// Everything that the command waits for may have gone down with the signal; then nothing is left to wake it.
process.once('beforeExit', () => {
  if (interruption.signal.aborted && wantsJson(args)) writeLastLine(INTERRUPTED_LINE)
})

// A reader that closed its end (`longlens ask … | head`) wants no more: the command stops as after Ctrl+C, and says
// nothing. Writing on would fail each time, hence only the first failure counts.
process.stdout.on('error', () => {
  if (!interruption.signal.aborted) interruption.interrupt()
})
// A terminal that is gone takes its messages with it.
process.stderr.on('error', () => undefined)

const code = await runCli(args, {
  output: { out: process.stdout, err: process.stderr, isTerminal: process.stderr.isTTY },
  signal: interruption.signal,
  env: process.env,
  cwd: process.cwd(),
})
// Nothing may keep the process alive after its answer: handles that are still open belong to ended helpers.
process.exitCode = code
if (process.stdout.writable) process.stdout.write('', () => process.exit(code))
else process.exit(code)
