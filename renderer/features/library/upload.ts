import { z } from 'zod'
import { errorCodes, type ErrorCode } from '../../../app/contract/errors'
import { AppError } from '../../../app/contract/errors'
import { failureSchema } from '../../../app/contract/error-map'

const doneSchema = z.object({ path: z.string() })
const refusedSchema = failureSchema.extend({
  code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]),
  message: z.string().default(''),
})

/**
 * Streams a file to the host's own media folder and returns its path there, to be added to the library.
 * `onProgress` gets bytes sent. Rejects with AppErrors; `cancelled` when the signal aborts.
 */
export function uploadFile(
  file: Blob,
  name: string,
  signal: AbortSignal,
  onProgress: (sentBytes: number) => void,
): Promise<string> {
  // XMLHttpRequest and not fetch: only it tells how much was sent.
  const request = new XMLHttpRequest()
  return new Promise<string>((resolve, reject) => {
    const abort = () => {
      request.abort()
    }
    signal.addEventListener('abort', abort, { once: true })
    request.upload.addEventListener('progress', (event) => {
      onProgress(event.loaded)
    })
    request.addEventListener('abort', () => {
      reject(new AppError('cancelled', `upload of ${name} stopped`))
    })
    request.addEventListener('error', () => {
      const reason = 'the connection to the program was lost'
      reject(new AppError('media_unreadable', `${name}: ${reason}`, { file: name, reason }))
    })
    request.addEventListener('load', () => {
      if (request.status === 201) resolve(doneSchema.parse(JSON.parse(request.responseText)).path)
      else reject(refusal(request.responseText, name))
    })
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', abort)
    })
    request.open('PUT', `/upload?name=${encodeURIComponent(name)}`)
    request.send(file)
    if (signal.aborted) abort()
  })
}

function refusal(body: string, name: string): AppError {
  try {
    const { code, message, details } = refusedSchema.parse(JSON.parse(body))
    return new AppError(code, message, details)
  } catch {
    const reason = 'the program did not take the file'
    return new AppError('media_unreadable', `${name}: ${reason}`, { file: name, reason })
  }
}
