import process from 'node:process'
import type { EngineMessage } from './engine-protocol'

/** The engine process's end of the channel to its owner: `fork`'s, or that of Electron's `utilityProcess`. */
export interface EnginePort {
  post(message: EngineMessage): void
  /** Messages are unchecked. */
  onMessage(listener: (message: unknown) => void): void
  /** The owner is gone. */
  onClose(listener: () => void): void
  /** Posts a last message, and resolves once it is on its way. */
  postLast(message: EngineMessage): Promise<void>
}

/** What Electron puts on `process` in a utility process. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

/** Electron does not say when a posted message has left the process; its own examples wait as well. */
const ELECTRON_FLUSH_MS = 100

/** Throws when this process was not started by an owner. */
export function openEnginePort(): EnginePort {
  const { parentPort } = process as { parentPort?: ParentPort }
  if (parentPort !== undefined) return electronPort(parentPort)
  if (process.send === undefined)
    throw new Error('expected to be started by fork or utilityProcess, got no channel')
  return forkPort()
}

function forkPort(): EnginePort {
  // A failed send means that the owner is gone, which `disconnect` tells as well.
  const send = (message: EngineMessage, sent: () => void): void => {
    if (process.connected) process.send?.(message, undefined, {}, sent)
    else sent()
  }
  return {
    post: (message) => {
      send(message, () => undefined)
    },
    onMessage: (listener) => process.on('message', listener),
    onClose: (listener) => process.on('disconnect', listener),
    postLast: (message) =>
      new Promise((resolve) => {
        send(message, resolve)
      }),
  }
}

function electronPort(port: ParentPort): EnginePort {
  return {
    post: (message) => {
      port.postMessage(message)
    },
    onMessage: (listener) => {
      port.on('message', ({ data }) => {
        listener(data)
      })
    },
    // Electron ends its utility processes with the browser process.
    onClose: () => undefined,
    postLast: (message) => {
      port.postMessage(message)
      return new Promise((resolve) => setTimeout(resolve, ELECTRON_FLUSH_MS))
    },
  }
}
