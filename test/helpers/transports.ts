import { createORPCClient } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { createInProcessClient, type ServiceClient } from '../../app/host/in-process-client'
import { servePort } from '../../app/host/serve-port'
import type { Services } from '../../app/host/services'
import { startWebServer, type WebServer } from '../../app/host/web/web-server'

export interface Connection {
  readonly client: ServiceClient
  /** Closes the client's end, as a window that goes away does. */
  hangUp(): void
  /** Ends everything that the connection opened. */
  end(): Promise<void>
}

export type Connect = (services: Services) => Promise<Connection>

export const connectInProcess: Connect = (services) =>
  Promise.resolve({
    client: createInProcessClient(services),
    hangUp: () => undefined,
    end: () => Promise.resolve(),
  })

export const connectByPort: Connect = (services) => {
  const { port1, port2 } = new MessageChannel()
  servePort(port1, services)
  port1.start()
  const client: ServiceClient = createORPCClient(new PortLink({ port: port2 }))
  port2.start()
  return Promise.resolve({
    client,
    hangUp: () => {
      port2.close()
    },
    end: () => {
      port1.close()
      return Promise.resolve()
    },
  })
}

export const TEST_TOKEN = 'test-token-0123456789'

export async function startTestServer(services: Services, rendererFolder: string): Promise<WebServer> {
  return startWebServer({ services, rendererFolder, host: '127.0.0.1', port: 0, token: TEST_TOKEN })
}

export const connectBySocket: Connect = async (services) => {
  const folder = mkdtempSync(join(tmpdir(), 'longlens-renderer-'))
  const server = await startTestServer(services, folder)
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`, {
    headers: { cookie: `longlens-${server.port}=${TEST_TOKEN}`, origin: `http://127.0.0.1:${server.port}` },
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  // The client sees the standard interface of a browser's WebSocket.
  const client: ServiceClient = createORPCClient(
    new SocketLink({ websocket: socket as unknown as globalThis.WebSocket }),
  )
  return {
    client,
    hangUp: () => {
      socket.terminate()
    },
    end: async () => {
      socket.terminate()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
