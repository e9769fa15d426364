import { RPCHandler } from '@orpc/server/ws'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { type CallContext, router } from '../router'
import type { Services } from '../services'

const MAX_MESSAGE_BYTES = 16 * 2 ** 20
/** A laptop that was closed does not say goodbye: a socket that misses a ping is ended, and its calls with it. */
const PING_MS = 30_000

/** The contract over WebSockets. Owns every socket. */
export class RpcSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    clientTracking: true,
  })
  readonly #handler = new RPCHandler<CallContext>(router)
  readonly #services: Services
  readonly #alive = new WeakSet<WebSocket>()
  readonly #pings: NodeJS.Timeout

  constructor(services: Services) {
    this.#services = services
    this.#pings = setInterval(() => {
      this.#ping()
    }, PING_MS)
  }

  /** Takes over a request that was found allowed. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#alive.add(webSocket)
      webSocket.on('pong', () => this.#alive.add(webSocket))
      // Reported by `close` as well; without a listener it would end the process.
      webSocket.on('error', () => undefined)
      void this.#handler.upgrade(withFlowControl(webSocket), { context: { services: this.#services } })
    })
  }

  /** Says goodbye to every window; those that do not answer within a second are cut off. */
  async close(): Promise<void> {
    clearInterval(this.#pings)
    const closed = [...this.#server.clients].map(
      (client) =>
        new Promise<void>((resolve) =>
          client.once('close', () => {
            resolve()
          }),
        ),
    )
    for (const client of this.#server.clients) client.close(1001, 'Longlens is closing')
    const cutOff = setTimeout(() => {
      for (const client of this.#server.clients) client.terminate()
    }, 1000)
    await Promise.all(closed)
    clearTimeout(cutOff)
    this.#server.close()
  }

  #ping(): void {
    for (const client of this.#server.clients) {
      if (!this.#alive.has(client)) {
        client.terminate()
        continue
      }
      this.#alive.delete(client)
      client.ping()
    }
  }
}

/**
 * The socket with a `send` that resolves once the data has left: the handler waits for it between the events of a
 * stream, so that a slow reader's events wait where progress can be skipped, not in the socket's buffer.
 */
function withFlowControl(socket: WebSocket): Pick<WebSocket, 'addEventListener' | 'send'> {
  const send = (data: string | Uint8Array): unknown =>
    new Promise<void>((resolve) => {
      if (socket.readyState !== WebSocket.OPEN) {
        resolve()
        return
      }
      // A failed send is followed by `close`, which ends the calls.
      socket.send(data, () => {
        resolve()
      })
    })
  return { addEventListener: socket.addEventListener.bind(socket), send }
}
