import { fork } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { OwnerMessage } from './engine-protocol'

/** How a process ended: by itself with a code, or by a signal. Both null when it could not be started. */
export interface EngineExit {
  readonly code: number | null
  readonly signal: string | null
}

/** What happens to a child, handed over when it is started so that nothing is missed. */
export interface EngineChildEvents {
  /** Messages are unchecked. */
  readonly onMessage: (message: unknown) => void
  /** One line of stderr or stdout. */
  readonly onLine: (line: string) => void
  /** Once, after the last message and line. */
  readonly onExit: (exit: EngineExit) => void
}

export interface EngineChild {
  /** undefined until the system has given one. */
  readonly pid: number | undefined
  send(message: OwnerMessage): void
  /** At once and without a chance to refuse (SIGKILL). */
  kill(): void
}

/**
 * Starts the engine process; `args` may hold `--probe`. Electron's shell passes an adapter of `utilityProcess.fork`
 * (its `message` and `exit` events, `stderr` stream and `postMessage` have these shapes), everything else
 * `forkEngine`.
 */
export type EngineSpawn = (args: readonly string[], events: EngineChildEvents) => EngineChild

/** @param entry absolute path of the built engine-process.js */
export function forkEngine(entry: string): EngineSpawn {
  return (args, events) => {
    const child = fork(entry, [...args], {
      execPath: process.execPath,
      // Nothing of the owner's loaders, inspectors or test runner.
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let isOver = false
    const finish = (exit: EngineExit): void => {
      if (isOver) return
      isOver = true
      events.onExit(exit)
    }
    forwardLines(child.stdout, events.onLine)
    forwardLines(child.stderr, events.onLine)
    child.on('message', events.onMessage)
    child.on('error', (error) => {
      events.onLine(error.message)
      // With a process, the exit that follows tells what happened; without one, nothing may follow.
      if (child.pid === undefined) finish({ code: null, signal: null })
    })
    // Not `exit`: the last lines of stderr may come after it, and they are what explains a crash.
    child.on('close', (code, signal) => {
      finish({ code, signal })
    })
    return {
      get pid() {
        return child.pid
      },
      send: (message) => {
        if (child.connected) child.send(message, () => undefined)
      },
      kill: () => {
        child.kill('SIGKILL')
      },
    }
  }
}

function forwardLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine)
}
