import { randomId } from '../../services/random-id'
import { openLocated } from '../../services/library/locate-media'
import { type ByteRange, parseRange } from './byte-range'
import { mediaType } from './content-type'
import type { BodyPart, MediaResponse } from './media-response'

/** The request headers that decide what of a file is sent. */
export interface ConditionalHeaders {
  readonly range: string | null
  readonly ifRange: string | null
  readonly ifNoneMatch: string | null
}

/** Serves a file, or the parts of it that were asked for: 200, 206, 304 or 416. */
export async function fileResponse(
  path: string,
  isHead: boolean,
  asked: ConditionalHeaders,
): Promise<MediaResponse> {
  const file = await openLocated(path)
  try {
    const { size, mtimeMs } = await file.stat()
    const etag = `"${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}"`
    const headers = { etag, 'accept-ranges': 'bytes', 'cache-control': 'private, no-cache' }
    if (matches(asked.ifNoneMatch, etag)) return await closed(file, 304, headers)

    // If-Range: the parts are only of use to somebody who has the rest of the same file.
    const isSameFile = asked.ifRange === null || asked.ifRange.trim() === etag
    const ranges = isSameFile ? parseRange(asked.range, size) : 'whole'
    if (ranges === 'unsatisfiable') {
      return await closed(file, 416, { ...headers, 'content-range': `bytes */${size}` })
    }
    const whole = { start: 0, end: size - 1 }
    const answer = partsOf(ranges === 'whole' ? [whole] : ranges, mediaType(path), size)
    const status = ranges === 'whole' ? 200 : 206
    const all = { ...headers, ...(ranges === 'whole' ? fullHeaders(path, size) : answer.headers) }
    if (isHead || size === 0) return await closed(file, status, all)
    return { status, headers: all, body: answer.body, file }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function closed(
  file: Awaited<ReturnType<typeof openLocated>>,
  status: number,
  headers: Record<string, string>,
): Promise<MediaResponse> {
  await file.close()
  return { status, headers, body: [], file: null }
}

function fullHeaders(path: string, size: number): Record<string, string> {
  return { 'content-type': mediaType(path), 'content-length': String(size) }
}

function partsOf(
  ranges: readonly ByteRange[],
  type: string,
  size: number,
): { headers: Record<string, string>; body: BodyPart[] } {
  const [first] = ranges
  if (ranges.length === 1 && first !== undefined) {
    return {
      headers: {
        'content-type': type,
        'content-length': String(first.end + 1 - first.start),
        'content-range': `bytes ${first.start}-${first.end}/${size}`,
      },
      body: [first],
    }
  }
  const boundary = randomId()
  const body: BodyPart[] = []
  for (const range of ranges) {
    const head = `\r\n--${boundary}\r\ncontent-type: ${type}\r\ncontent-range: bytes ${range.start}-${range.end}/${size}\r\n\r\n`
    body.push(Buffer.from(head), range)
  }
  body.push(Buffer.from(`\r\n--${boundary}--\r\n`))
  const length = body.reduce((sum, part) => sum + lengthOf(part), 0)
  return {
    headers: {
      'content-type': `multipart/byteranges; boundary=${boundary}`,
      'content-length': String(length),
    },
    body,
  }
}

function lengthOf(part: BodyPart): number {
  return part instanceof Uint8Array ? part.byteLength : part.end + 1 - part.start
}

/** Whether an If-None-Match header names this tag; weak comparison (RFC 9110, 13.1.2). */
export function matches(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}
