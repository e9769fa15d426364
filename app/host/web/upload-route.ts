import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, isCancelled, toAppError } from '../../contract/errors'
import type { UploadStore } from '../../services/library/upload-store'
import { sendError, sendJson } from './send'

/**
 * `PUT /upload?name=film.mp4`, the file as body: answers 201 with `{"path":…}`, to be added with `library.add`. With
 * `&folder=scans/2024&sending=<letters and digits>` it is one file of a folder, and the path is the folder's. The
 * sender sees progress as its own bytes leave; closing the connection removes what had arrived.
 */
export async function receiveUpload(
  request: IncomingMessage,
  response: ServerResponse,
  uploads: UploadStore,
  query: URLSearchParams,
): Promise<void> {
  try {
    const name = query.get('name') ?? ''
    const size = announcedSize(request)
    const folder = query.get('folder')
    const path =
      folder === null
        ? await uploads.save(name, size, bodyOf(request))
        : await uploads.saveInFolder(
            { folder, sending: query.get('sending') ?? '' },
            name,
            size,
            bodyOf(request),
          )
    sendJson(response, 201, { path })
  } catch (error) {
    const failure = toAppError(error)
    if (isCancelled(failure)) return
    // The rest of the body is not wanted: say why, then hang up instead of reading it to the end.
    response.setHeader('connection', 'close')
    response.once('finish', () => {
      request.destroy()
    })
    sendError(response, failure)
  }
}

function announcedSize(request: IncomingMessage): number | null {
  const header = request.headers['content-length']
  return header === undefined ? null : Number(header)
}

async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array
  } catch (error) {
    throw new AppError('cancelled', 'the sender hung up', {}, { cause: error })
  }
}
