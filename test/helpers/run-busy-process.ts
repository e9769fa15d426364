import { spawn } from 'node:child_process'
import process from 'node:process'
import type { Promised } from './busy-process'

export interface BusyRun {
  readonly promised: Promised[]
  /** Milliseconds since 1970. */
  readonly killedAt: number
  /** What it wrote to stderr; empty when nothing went wrong before the kill. */
  readonly errors: string
}

/** Runs the bundled busy process and kills it `lifeMs` after its first line; what it had promised until then. */
export async function runAndKill(
  script: string,
  home: string,
  name: string,
  lifeMs: number,
): Promise<BusyRun> {
  const child = spawn(process.execPath, [script, home, name], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  let killedAt = 0
  let isKillPlanned = false
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    if (isKillPlanned) return
    isKillPlanned = true
    setTimeout(() => {
      killedAt = Date.now()
      child.kill('SIGKILL')
    }, lifeMs)
  })
  await new Promise((resolve) => child.once('close', resolve))
  // The last line may be cut off: it had not been told yet.
  const lines = output.split('\n').slice(0, -1)
  return { promised: lines.map((line) => JSON.parse(line) as Promised), killedAt, errors }
}
