import { z } from 'zod'
import { AppError } from '../../contract/errors'
import { itemIdSchema } from '../../contract/library'
import { locateMedia } from '../../services/library/locate-media'
import type { PreviewRequest } from '../../services/library/preview-service'
import type { Services } from '../services'
import { type ConditionalHeaders, fileResponse, matches } from './file-response'
import type { MediaResponse } from './media-response'

export interface MediaRequest extends ConditionalHeaders {
  readonly method: string
  /** Below the media root, without a leading slash: `<id>/source`. Still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly signal?: AbortSignal | undefined
}

// Not z.coerce: it takes nothing at all for 0.
const decimal = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,12})?$/, 'expected a decimal number')
  .transform(Number)
const width = decimal.pipe(z.number().int().min(1).max(8192))
const index = decimal.pipe(z.number().int().max(10_000_000))
const seconds = decimal.pipe(z.number().max(10_000_000))
const THUMBNAIL_WIDTH = 320
const FRAME_WIDTH = 1280

/** Thumbnails of videos are taken a little in: many begin with a black frame. */
const THUMBNAIL_FRACTION = 0.1

/**
 * Answers the media URLs of app/contract/library.ts, for the web host and for Electron's protocol handler alike.
 * Rejects with `AppError`s: `gone` and `media_not_found` for what is not in the library (any more).
 */
export async function handleMedia(services: Services, request: MediaRequest): Promise<MediaResponse> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: { allow: 'GET, HEAD' }, body: [], file: null }
  }
  const [id = '', what = '', ...rest] = request.path.split('/')
  if (!itemIdSchema.safeParse(id).success) throw noSuchMedia(request.path)
  const isHead = request.method === 'HEAD'
  if (what === 'source' && rest.length === 0) {
    return fileResponse(await locateMedia(services.library, id, null), isHead, request)
  }
  if (what === 'entry' && rest.length === 2 && rest[1] === 'source') {
    const entry = check(index, rest[0])
    return fileResponse(await locateMedia(services.library, id, entry), isHead, request)
  }
  if (rest.length > 0) throw noSuchMedia(request.path)
  return previewResponse(services, await previewRequest(services, id, what, request), request)
}

async function previewRequest(
  services: Services,
  id: string,
  what: string,
  { query, path }: MediaRequest,
): Promise<PreviewRequest> {
  const entry = query.has('entry') ? check(index, query.get('entry')) : null
  const real = await locateMedia(services.library, id, entry)
  const row = services.library.presentRow(id)
  const kind = entry === null ? row.kind : services.library.folderEntry(id, entry).kind
  if (what === 'thumbnail') {
    const asked = check(width, query.get('width') ?? String(THUMBNAIL_WIDTH))
    if (kind === 'image') return { kind: 'page', path: real, page: 0, width: asked }
    return { kind: 'frame', path: real, seconds: row.duration_seconds * THUMBNAIL_FRACTION, width: asked }
  }
  const asked = check(width, query.get('width') ?? String(FRAME_WIDTH))
  if (what === 'frame' && kind === 'video') {
    return { kind: 'frame', path: real, seconds: check(seconds, query.get('seconds')), width: asked }
  }
  if (what === 'page' && kind === 'image') {
    return { kind: 'page', path: real, page: check(index, query.get('page')), width: asked }
  }
  throw noSuchMedia(path)
}

async function previewResponse(
  services: Services,
  asked: PreviewRequest,
  { method, ifNoneMatch, signal }: MediaRequest,
): Promise<MediaResponse> {
  const preview = await services.previews.get(asked, signal)
  const etag = `"${preview.tag}"`
  const headers = { etag, 'cache-control': 'private, no-cache' }
  if (matches(ifNoneMatch, etag)) return { status: 304, headers, body: [], file: null }
  return {
    status: 200,
    headers: { ...headers, 'content-type': preview.type, 'content-length': String(preview.bytes.byteLength) },
    body: method === 'HEAD' ? [] : [preview.bytes],
    file: null,
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const reason = `media: ${parsed.error.issues[0]?.message ?? 'malformed'}, got ${JSON.stringify(value)}`
  throw new AppError('invalid_input', reason, { reason })
}

function noSuchMedia(path: string): AppError {
  return new AppError('gone', `no media at ${path}`, { what: 'file' })
}
