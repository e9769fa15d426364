import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { AppError, toAppError } from '../../contract/errors'
import { handleMedia } from '../media/media-handler'
import type { Services } from '../services'
import { Access } from './access'
import { RpcSockets } from './rpc-socket'
import { sendError, sendMedia, sendText } from './send'
import { sendStatic } from './static-files'
import { receiveUpload } from './upload-route'
import { commonHeaders } from './security-headers'

export interface WebServerOptions {
  readonly services: Services
  /** The built window: index.html and assets/. */
  readonly rendererFolder: string
  /** Address to bind, 127.0.0.1 unless the person chose otherwise. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Secret of this launch, at least 128 random bits, in characters that a URL and a cookie take as they are. */
  readonly token: string
}

export interface WebServer {
  /** With the token: whoever opens it is let in. */
  readonly url: string
  readonly port: number
  /** Ends every call and connection. Idempotent. The services stay open. */
  close(): Promise<void>
}

const REFUSED = 'This request came from another page or for another address, so it was refused.'
const UNKNOWN = 'Open the address that Longlens printed when it started: it holds the key to this page.'

/** Starts serving. Rejects with `invalid_input` when the address cannot be bound. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const server = createServer({ requestTimeout: 0, headersTimeout: 20_000 })
  const port = await listen(server, options.host, options.port)
  const access = new Access({ ...options, port })
  const sockets = new RpcSockets(options.services)

  server.on('request', (request, response) => {
    answer(request, response, options, access).catch((error: unknown) => {
      sendError(response, toAppError(error))
    })
  })
  server.on('upgrade', (request, socket, head) => {
    if (isSocketAllowed(request, access)) sockets.accept(request, socket, head)
    else refuseUpgrade(socket)
  })

  let closing: Promise<void> | null = null
  return {
    url: `http://${urlHost(options.host)}:${port}/?token=${options.token}`,
    port,
    close: () => (closing ??= closeAll(server, sockets)),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { services, rendererFolder, token }: WebServerOptions,
  access: Access,
): Promise<void> {
  const url = parseUrl(request)
  const path = url === null ? null : decodePath(url.pathname)
  if (url === null || path === null) {
    sendText(response, 400, 'This address cannot be understood.')
    return
  }
  if (!access.isOurs(request.headers, path === '/')) {
    sendText(response, 403, REFUSED)
    return
  }
  const shown = url.searchParams.get('token')
  if (path === '/' && shown !== null && access.isToken(shown)) {
    // The token leaves the address bar and the history at once.
    response.writeHead(303, {
      ...commonHeaders,
      location: '/',
      'set-cookie': access.cookieFor(token),
      'cache-control': 'no-store',
    })
    response.end()
    return
  }
  if (!access.hasCookie(request.headers)) {
    sendText(response, 401, UNKNOWN)
    return
  }
  await answerPerson(request, response, { services, rendererFolder, url, path })
}

/** Everything for somebody who showed the token. */
async function answerPerson(
  request: IncomingMessage,
  response: ServerResponse,
  at: { services: Services; rendererFolder: string; url: URL; path: string },
): Promise<void> {
  const { services, url, path } = at
  const method = request.method ?? 'GET'
  if (path === '/upload') {
    if (method === 'PUT') await receiveUpload(request, response, services.uploads, url.searchParams)
    else sendText(response, 405, 'Files are sent here with PUT.')
    return
  }
  if (path.startsWith('/media/')) {
    const gone = new AbortController()
    response.once('close', () => {
      gone.abort()
    })
    const media = await handleMedia(services, {
      method,
      path: path.slice('/media/'.length),
      query: url.searchParams,
      range: header(request, 'range'),
      ifRange: header(request, 'if-range'),
      ifNoneMatch: header(request, 'if-none-match'),
      signal: gone.signal,
    })
    await sendMedia(response, media)
    return
  }
  if (method !== 'GET' && method !== 'HEAD') {
    sendText(response, 405, 'This address can only be read.')
    return
  }
  const host = request.headers.host ?? ''
  await sendStatic(response, at.rendererFolder, path, { host, isHead: method === 'HEAD' })
}

function isSocketAllowed(request: IncomingMessage, access: Access): boolean {
  return (
    parseUrl(request)?.pathname === '/rpc' &&
    access.isOurs(request.headers, false) &&
    access.hasCookie(request.headers)
  )
}

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => undefined)
  socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
}

function parseUrl(request: IncomingMessage): URL | null {
  // Only the path counts; what follows is not taken from the Host header.
  const target = request.url ?? ''
  return target.startsWith('/') && !target.startsWith('//') ? URL.parse(`http://longlens${target}`) : null
}

function decodePath(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return null
  }
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: Error) => {
      const reason = `${host}:${port} cannot be used: ${error.message}`
      reject(new AppError('invalid_input', reason, { reason }, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

async function closeAll(server: Server, sockets: RpcSockets): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve()
    }),
  )
  await sockets.close()
  server.closeAllConnections()
  await closed
}
