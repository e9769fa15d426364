// Loaded first in what stands for a utility process: `process.parentPort` over the channel of `fork`, which is hidden.
import { EventEmitter } from 'node:events'
import process from 'node:process'

const send = process.send.bind(process)
const port = new EventEmitter()
port.postMessage = (message) => {
  if (process.connected) send(message, undefined, {}, () => undefined)
}
process.on('message', (data) => port.emit('message', { data, ports: [] }))
// Electron ends its utility processes with itself.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.parentPort = port
process.send = undefined
