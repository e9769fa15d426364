import { AppError, errorCodes } from '../../../app/contract/errors'
import { randomName } from '../../shared/random-name'
import type { FileToAdd } from './dropped-files'

export interface UploadProgress {
  /** Files that arrived. */
  readonly done: number
  readonly sentBytes: number
}

/** Small files spend their time on the way: several are under way at once. */
const AT_ONCE = 4

/**
 * Streams files to the host's own media folder and tells the path to add of each: its own, or that of its folder.
 * Rejects with AppErrors, `cancelled` when the signal aborts; what arrived until then was told.
 */
export async function uploadAll(
  files: readonly FileToAdd[],
  signal: AbortSignal,
  listener: { onProgress(progress: UploadProgress): void; onArrived(index: number, path: string): void },
): Promise<void> {
  const sending = randomName()
  const sent = files.map(() => 0)
  let done = 0
  let next = 0
  const tell = () => {
    listener.onProgress({ done, sentBytes: sent.reduce((sum, bytes) => sum + bytes, 0) })
  }
  const work = async () => {
    for (let index = next++; index < files.length; index = next++) {
      const item = files[index]
      if (item === undefined) return
      const path = await uploadFile(item, sending, signal, (bytes) => {
        sent[index] = bytes
        tell()
      })
      listener.onArrived(index, path)
      sent[index] = item.file.size
      done += 1
      tell()
    }
  }
  const workers = Array.from({ length: Math.min(AT_ONCE, files.length) }, work)
  const results = await Promise.allSettled(workers)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

function uploadFile(
  { file, folder }: FileToAdd,
  sending: string,
  signal: AbortSignal,
  onProgress: (sentBytes: number) => void,
): Promise<string> {
  const { name } = file
  const query = new URLSearchParams({ name, ...(folder === null ? {} : { folder, sending }) })
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
      const path = request.status === 201 ? pathOf(request.responseText) : null
      if (path !== null) resolve(path)
      else reject(refusal(request.responseText, name))
    })
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', abort)
    })
    request.open('PUT', `/upload?${query.toString()}`)
    request.send(file)
    if (signal.aborted) abort()
  })
}

function parseObject(body: string): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function pathOf(body: string): string | null {
  const { path } = parseObject(body)
  return typeof path === 'string' ? path : null
}

function refusal(body: string, name: string): AppError {
  const answer = parseObject(body)
  const code = errorCodes.find((known) => known === answer['code'])
  if (code === undefined) {
    const reason = 'the program did not take the file'
    return new AppError('media_unreadable', `${name}: ${reason}`, { file: name, reason })
  }
  const details = Object.entries(answer['details'] ?? {}).filter(
    (pair): pair is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof pair[1]),
  )
  return new AppError(code, `${name}: refused`, Object.fromEntries(details))
}
