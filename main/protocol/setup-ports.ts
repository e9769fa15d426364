import { ipcMain, MessageChannelMain } from 'electron'
import { servePort } from '../../app/host/serve-port'
import type { Services } from '../../app/host/services'
import { channels } from '../preload/channels'
import { isFromWindow } from '../security/sender'

/**
 * Gives each window that asks a port on which the contract is served. A window that reloads asks again; its old port
 * closes with the old page, which ends that page's calls and streams.
 */
export function setupPorts(services: Services): void {
  ipcMain.on(channels.connect, (event) => {
    if (!isFromWindow(event)) return
    const { port1, port2 } = new MessageChannelMain()
    servePort(port1, services)
    port1.start()
    event.sender.postMessage(channels.port, null, [port2])
  })
}
