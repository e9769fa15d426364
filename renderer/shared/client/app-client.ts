import { createORPCClient, type ClientContext, type ClientLink } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../../app/contract'

/** Everything the window may ask of the services, typed by the contract. */
export type AppClient = ContractRouterClient<Contract>

/** Whether calls reach the services right now. */
export type ConnectionState = 'connecting' | 'connected' | 'lost'

export interface Connection {
  readonly client: AppClient
  /** Where media URLs start; below the page's own origin in every host. */
  readonly mediaRoot: string
  /** Calls back at once with the present state, then on every change. */
  watch(listener: (state: ConnectionState) => void): () => void
}

/** A MessagePort handed over by Electron's preload script: it lives as long as the window. */
export function connectPort(port: MessagePort): Connection {
  port.start()
  return {
    client: createORPCClient(new PortLink({ port })),
    // Relative to the page, whose address is longlens://app/ there.
    mediaRoot: '/media/',
    watch: (listener) => {
      listener('connected')
      return () => undefined
    },
  }
}

const RETRY_MS = [250, 500, 1000, 2000, 4000]

/**
 * A WebSocket to the web host. When it breaks (the host restarts, the laptop sleeps) running calls fail, and new ones
 * go through a fresh socket as soon as there is one.
 */
export function connectSocket(url: string): Connection {
  const socket = new ReconnectingSocket(url)
  return {
    client: createORPCClient(socket.link),
    mediaRoot: '/media/',
    watch: (listener) => socket.watch(listener),
  }
}

class ReconnectingSocket {
  private readonly url: string
  private readonly listeners = new Set<(state: ConnectionState) => void>()
  private state: ConnectionState = 'connecting'
  private current: ClientLink<ClientContext>
  private attempt = 0

  constructor(url: string) {
    this.url = url
    this.current = this.open()
  }

  /** Sends every call through the socket of the moment. */
  get link(): ClientLink<ClientContext> {
    return { call: (path, input, options) => this.current.call(path, input, options) }
  }

  watch(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener)
    listener(this.state)
    return () => this.listeners.delete(listener)
  }

  private open(): ClientLink<ClientContext> {
    const websocket = new WebSocket(this.url)
    // First, so that it hears of the end first: what is cancelled then must not be sent any more.
    const link = new SocketLink({ websocket })
    websocket.addEventListener('open', () => {
      this.attempt = 0
      this.change('connected')
    })
    websocket.addEventListener('close', () => {
      this.change('lost')
      const waitMs = RETRY_MS[Math.min(this.attempt, RETRY_MS.length - 1)]
      this.attempt += 1
      setTimeout(() => {
        this.current = this.open()
      }, waitMs)
    })
    return link
  }

  private change(state: ConnectionState): void {
    if (state === this.state) return
    this.state = state
    for (const listener of this.listeners) listener(state)
  }
}
