import { StandInEmitter, strict } from './strict'

type InvokeHandler = (event: unknown, ...args: unknown[]) => unknown

const invokeHandlers = new Map<string, InvokeHandler>()

/** Channels are the program's own names, so every one is allowed. */
class IpcMain extends StandInEmitter {
  constructor() {
    super('ipcMain', [])
  }

  override on(channel: string, listener: (...args: never[]) => void): this {
    this.addListener(channel, listener as (...args: unknown[]) => void)
    return this
  }

  handle(channel: string, handler: InvokeHandler): void {
    if (invokeHandlers.has(channel)) throw new Error(`${channel} has a handler already`)
    invokeHandlers.set(channel, handler)
  }
}

export const theIpcMain = new IpcMain()
export const ipcMain = strict('ipcMain', theIpcMain)

/** What `ipcRenderer.invoke` gets. */
export function callInvokeHandler(channel: string, event: unknown, args: unknown[]): unknown {
  const handler = invokeHandlers.get(channel)
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
  return handler(event, ...args)
}
