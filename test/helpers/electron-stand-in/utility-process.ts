import { fork, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { needReady } from './lifecycle'
import { onlyKeys, strict, StandInEmitter } from './strict'

const parentPort = new URL('./parent-port.mjs', import.meta.url).href

/** Pids of the utility processes that run, for the hand. */
export const utilityPids = new Set<number>()

class UtilityProcess extends StandInEmitter {
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    super('utilityProcess', ['spawn', 'message', 'exit', 'error'])
    this.#child = child
    const { pid } = child
    if (pid !== undefined) utilityPids.add(pid)
    child.once('spawn', () => this.emit('spawn'))
    child.on('message', (message) => this.emit('message', message))
    child.once('close', (code) => {
      if (pid !== undefined) utilityPids.delete(pid)
      this.emit('exit', code ?? 0)
    })
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined
  }

  get stdout(): Readable | null {
    return this.#child.stdout
  }

  get stderr(): Readable | null {
    return this.#child.stderr
  }

  postMessage(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }
}

export const utilityProcess = strict('utilityProcess', {
  fork(entry: string, args: string[], options: { serviceName: string; stdio: string[] }): UtilityProcess {
    needReady('utilityProcess.fork')
    onlyKeys('utilityProcess.fork', options, ['serviceName', 'stdio'])
    if (options.stdio.join() !== 'ignore,pipe,pipe') throw new Error('the stand-in knows only piped output')
    const child = fork(entry, args, {
      execArgv: ['--import', parentPort],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    return strict('UtilityProcess', new UtilityProcess(child))
  },
})
