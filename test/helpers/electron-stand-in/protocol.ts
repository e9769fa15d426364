import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { life, needReady } from './lifecycle'
import { onlyKeys, strict } from './strict'

type Handler = (request: Request) => Response | Promise<Response>

/*
 * Stock Chromium cannot be given a scheme of its own, so `longlens://app/x` is `http://app.localhost:<port>/x` in its
 * pages: a loopback server that hands every request to the program's protocol handler, with addresses translated in
 * both directions. `*.localhost` is a secure context like the scheme.
 */
const schemes = new Set<string>()
const handlers = new Map<string, Handler>()
let port = 0

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(list: { scheme: string; privileges: object }[]): void {
    if (life.isReady)
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const { scheme, privileges } of list) {
      onlyKeys('privileges', privileges, ['standard', 'secure', 'supportFetchAPI', 'stream'])
      schemes.add(scheme)
    }
  },
  handle(scheme: string, handler: Handler): void {
    needReady('protocol.handle')
    if (!schemes.has(scheme)) throw new Error(`expected ${scheme} to be registered as privileged`)
    if (handlers.has(scheme)) throw new Error(`${scheme} has a handler already`)
    handlers.set(scheme, handler)
  },
})

/** Scheme and host of the one program that runs here. */
function onlyScheme(): string {
  const [scheme] = schemes
  if (schemes.size !== 1 || scheme === undefined) throw new Error('expected exactly one scheme')
  return scheme
}

/** `longlens://app/x` as Chromium is given it. */
export function toChromium(address: string): string {
  const prefix = `${onlyScheme()}://`
  if (!address.startsWith(prefix)) return address
  const [host = '', ...path] = address.slice(prefix.length).split('/')
  return `http://${host}.localhost:${port}/${path.join('/')}`
}

/** What Chromium says, as Electron would say it. */
export function fromChromium(address: string): string {
  const match = new RegExp(`^http://([\\w-]+)\\.localhost:${port}(/.*)?$`).exec(address)
  return match === null ? address : `${onlyScheme()}://${match[1] ?? ''}${match[2] ?? ''}`
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const handler = handlers.get(onlyScheme())
  const host = request.headers.host?.split('.localhost')[0] ?? ''
  if (handler === undefined) throw new Error('a request came before protocol.handle')
  const gone = new AbortController()
  response.once('close', () => {
    gone.abort()
  })
  const { method = 'GET' } = request
  const init: RequestInit = { method, headers: translatedHeaders(request), signal: gone.signal }
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const answered = await handler(
    new Request(
      `${onlyScheme()}://${host}${request.url ?? '/'}`,
      hasBody ? { ...init, body: Readable.toWeb(request), duplex: 'half' } : init,
    ),
  )
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  if (answered.body === null) response.end()
  else await pipeline(Readable.fromWeb(answered.body), response)
}

function translatedHeaders(request: IncomingMessage): [string, string][] {
  return Object.entries(request.headers).flatMap(([name, value]): [string, string][] => {
    if (typeof value !== 'string' || name === 'host' || name === 'connection') return []
    return [[name, name === 'origin' || name === 'referer' ? fromChromium(value) : value]]
  })
}

life.atStart.push(async () => {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      // A reader that went away, or a stream that broke: Electron ends the request with an error, too.
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  life.atEnd.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) =>
      server.close(() => {
        resolve()
      }),
    )
  })
})
