import { RPCHandler } from '@orpc/server/message-port'
import { type CallContext, router } from './router'
import type { Services } from './services'

/** What is needed of a message port: Node's, a browser's or Electron's. */
export type ServedPort = Parameters<RPCHandler<CallContext>['upgrade']>[0]

/** Serves the contract over a port; when the other side closes it, its calls and streams end. */
export function servePort(port: ServedPort, services: Services): void {
  new RPCHandler<CallContext>(router).upgrade(port, { context: { services } })
}
