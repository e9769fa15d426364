import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { toKeptFailure } from '../../app/contract/error-map'
import { AppError, toAppError } from '../../app/contract/errors'
import { handleMedia } from '../../app/host/media/media-handler'
import { bodyStream } from '../../app/host/media/media-response'
import type { Services } from '../../app/host/services'
import { commonHeaders, mediaPolicy } from '../../app/host/web/security-headers'
import { statusOf } from '../../app/host/web/send'
import { findWindowFile } from '../../app/host/web/static-files'
import { windowPolicy } from './content-policy'
import { HOST, WINDOW_ORIGIN } from './window-address'

export interface ProtocolParts {
  /** The built window: index.html and assets/. */
  readonly windowFolder: string
  /** What of the services is asked by URL. */
  readonly services: Services
}

/**
 * Answers `longlens:` addresses: `longlens://app/` is the window, below `/media/` are the library's items (with
 * Range), and `PUT /upload?name=…` keeps what has no place on disk, e.g. a pasted picture. Never rejects.
 */
export async function answerScheme(request: Request, parts: ProtocolParts): Promise<Response> {
  try {
    return await answer(request, new URL(request.url), parts)
  } catch (thrown) {
    const error = toAppError(thrown)
    return json(statusOf(error), toKeptFailure(error))
  }
}

async function answer(request: Request, url: URL, parts: ProtocolParts): Promise<Response> {
  const origin = request.headers.get('origin')
  if (url.host !== HOST || (origin !== null && origin !== WINDOW_ORIGIN)) {
    return text(403, 'This request came from another page or for another address, so it was refused.')
  }
  if (url.pathname === '/upload') {
    if (request.method === 'PUT') return receiveUpload(request, url, parts.services)
    return text(405, 'Files are sent here with PUT.')
  }
  if (url.pathname.startsWith('/media/')) return sendMedia(request, url, parts.services)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return text(405, 'This address can only be read.')
  }
  return sendWindowFile(url, parts.windowFolder)
}

async function sendWindowFile(url: URL, folder: string): Promise<Response> {
  const found = await findWindowFile(folder, decodePath(url.pathname))
  if (found === null) return text(404, 'There is nothing at this address.')
  const headers = {
    ...commonHeaders,
    'content-security-policy': windowPolicy,
    'content-type': found.type,
    'cache-control': 'no-cache',
  }
  return new Response(new Uint8Array(await readFile(found.file)), { status: 200, headers })
}

async function sendMedia(request: Request, url: URL, services: Services): Promise<Response> {
  const media = await handleMedia(services, {
    method: request.method,
    path: url.pathname.slice('/media/'.length),
    query: url.searchParams,
    range: request.headers.get('range'),
    ifRange: request.headers.get('if-range'),
    ifNoneMatch: request.headers.get('if-none-match'),
    signal: request.signal,
  })
  const headers = { ...commonHeaders, 'content-security-policy': mediaPolicy, ...media.headers }
  // A reader that seeks away cancels the stream, which closes the file.
  const body = media.body.length === 0 ? null : toWeb(bodyStream(media))
  return new Response(body, { status: media.status, headers })
}

async function receiveUpload(request: Request, url: URL, services: Services): Promise<Response> {
  const size = request.headers.get('content-length')
  const path = await services.uploads.save(
    url.searchParams.get('name') ?? '',
    size === null ? null : Number(size),
    chunksOf(request.body),
    request.signal,
  )
  return json(201, { path })
}

async function* chunksOf(body: Request['body']): AsyncGenerator<Uint8Array> {
  if (body === null) return
  try {
    yield* body as ReadableStream<Uint8Array>
  } catch (error) {
    throw new AppError('cancelled', 'the sender stopped', {}, { cause: error })
  }
}

/** Node declares the same stream twice: in `stream/web`, and as the global that `Response` takes. */
function toWeb(stream: Readable): ConstructorParameters<typeof Response>[0] {
  return Readable.toWeb(stream) as ConstructorParameters<typeof Response>[0]
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    const reason = 'This address cannot be understood'
    throw new AppError('invalid_input', `${reason}: ${path}`, { reason }, { cause: error })
  }
}

function text(status: number, words: string): Response {
  return new Response(`${words}\n`, {
    status,
    headers: { ...commonHeaders, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })
}

function json(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { ...commonHeaders, 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
}
