import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'

/** What a request may do: go on, be told to show the token, or be refused. */
export type Verdict = 'allowed' | 'refused' | 'unknown_person'

export interface AccessOptions {
  readonly token: string
  /** Address that the server is bound to. */
  readonly host: string
  readonly port: number
}

const HTTP_PORT = 80

/**
 * Who may use the web host. Three checks, because any page that a browser has open can send requests to this machine:
 * `Host` must be an address of ours (a foreign name that was made to point here is DNS rebinding), `Origin` and
 * `Sec-Fetch-Site` must not be another page's, and the person must hold the token of this launch.
 */
export class Access {
  readonly #token: Buffer
  readonly #hosts: ReadonlySet<string>
  readonly cookieName: string

  constructor(options: AccessOptions) {
    this.#token = digest(options.token)
    // Cookies do not tell ports apart: two hosts on one machine must not overwrite each other's.
    this.cookieName = `longlens-${options.port}`
    const names = hostNames(options.host)
    const withPort = names.map((name) => `${name}:${options.port}`)
    // Browsers leave the port out of Host and Origin when it is the one that http has anyway.
    this.#hosts = new Set(options.port === HTTP_PORT ? [...withPort, ...names] : withPort)
  }

  /** Whether the request is addressed to us and not sent by another page. `isPage`: a person opens the window. */
  isOurs(headers: IncomingHttpHeaders, isPage: boolean): boolean {
    const host = headers.host?.toLowerCase()
    if (host === undefined || !this.#hosts.has(host)) return false
    const { origin } = headers
    if (origin !== undefined && origin !== `http://${host}`) return false
    const site = headers['sec-fetch-site']
    if (site === undefined || site === 'same-origin' || site === 'none') return true
    return isPage && headers['sec-fetch-mode'] === 'navigate'
  }

  isToken(token: string): boolean {
    return timingSafeEqual(digest(token), this.#token)
  }

  hasCookie(headers: IncomingHttpHeaders): boolean {
    for (const pair of (headers.cookie ?? '').split(';')) {
      const [name, ...value] = pair.trim().split('=')
      if (name === this.cookieName && this.isToken(value.join('='))) return true
    }
    return false
  }

  /** Ends with the browser's session; the token itself ends with this launch. */
  cookieFor(token: string): string {
    return `${this.cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`
  }
}

/** Equal lengths for `timingSafeEqual`, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function hostNames(bound: string): string[] {
  const local = ['127.0.0.1', 'localhost', '[::1]']
  const name = bound.includes(':') ? `[${bound}]` : bound.toLowerCase()
  if (bound !== '0.0.0.0' && bound !== '::') return [...local, name]
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const addresses = own.map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address))
  return [...local, ...addresses, hostname().toLowerCase()]
}
