import { utilityProcess, type UtilityProcess } from 'electron'
import process from 'node:process'
import type { EngineChild, EngineSpawn } from '../../app/engine/engine-client'
import { LineSplitter } from './line-splitter'

/**
 * Starts the engine as Electron's utility process; the same as `forkEngine` for everybody else. After `ready` only.
 * @param entry - absolute path of the built engine-process.js
 */
export function spawnUtilityEngine(entry: string): EngineSpawn {
  return (args, events) => {
    const child = utilityProcess.fork(entry, [...args], {
      serviceName: 'Longlens engine',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const outputs = [new LineSplitter(events.onLine), new LineSplitter(events.onLine)] as const
    child.stdout?.on('data', (chunk: Buffer) => {
      outputs[0].write(chunk)
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      outputs[1].write(chunk)
    })
    child.on('message', events.onMessage)
    child.on('error', (type, location) => {
      events.onLine(`${type} in ${location}`)
    })
    child.once('exit', (code) => {
      // Electron reads no more output after this.
      for (const output of outputs) output.end()
      events.onExit({ code, signal: null })
    })
    return engineChild(child)
  }
}

function engineChild(child: UtilityProcess): EngineChild {
  let isKilled = false
  // Before it has started there is nothing to kill; `kill` would be lost.
  child.once('spawn', () => {
    if (isKilled) killNow(child)
  })
  return {
    get pid() {
      return child.pid
    },
    send: (message) => {
      child.postMessage(message)
    },
    kill: () => {
      isKilled = true
      killNow(child)
    },
  }
}

/** Electron's own `kill` asks with SIGTERM, which a process that hangs in native code may never hear. */
function killNow(child: UtilityProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(child.pid, 'SIGKILL')
  } catch {
    // It ended by itself a moment ago; `exit` tells.
  }
}
