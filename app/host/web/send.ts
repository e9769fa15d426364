import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { toKeptFailure } from '../../contract/error-map'
import type { AppError, ErrorCode } from '../../contract/errors'
import { bodyStream, type MediaResponse } from '../media/media-response'
import { commonHeaders, mediaPolicy } from './security-headers'

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...commonHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(`${text}\n`)
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    ...commonHeaders,
    'content-type': 'application/json',
    'cache-control': 'no-store',
  })
  response.end(JSON.stringify(value))
}

const statuses: Partial<Record<ErrorCode, number>> = {
  invalid_input: 400,
  gone: 404,
  media_not_found: 404,
  upload_too_large: 413,
  disk_full: 507,
  internal: 500,
}

/** A failure with the texts for people, as calls over the socket have them. */
export function sendError(response: ServerResponse, error: AppError): void {
  if (response.headersSent) {
    // Too late to say anything: a broken connection is how the reader learns that this is not all.
    response.destroy()
    return
  }
  sendJson(response, statusOf(error), toKeptFailure(error))
}

/** The HTTP status that fits a failure best. */
export function statusOf(error: AppError): number {
  return statuses[error.code] ?? 422
}

export async function sendMedia(response: ServerResponse, media: MediaResponse): Promise<void> {
  response.writeHead(media.status, {
    ...commonHeaders,
    'content-security-policy': mediaPolicy,
    ...media.headers,
  })
  if (media.body.length === 0) response.end()
  else await pipeline(bodyStream(media), response)
}
