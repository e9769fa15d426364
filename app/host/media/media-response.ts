import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ByteRange } from './byte-range'

/** A piece of an answer: bytes that are there, or a part of the opened file. */
export type BodyPart = Uint8Array | ByteRange

/** An answer that any host can send. Whoever gets it sends it or calls `discard`; both close the file. */
export interface MediaResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Empty for HEAD, 304 and 416. */
  readonly body: readonly BodyPart[]
  readonly file: FileHandle | null
}

/** The body as a stream that closes the file when it ends or breaks off. */
export function bodyStream(response: MediaResponse): Readable {
  return Readable.from(bodyChunks(response), { objectMode: false })
}

async function* bodyChunks({ body, file }: MediaResponse): AsyncGenerator<Uint8Array> {
  try {
    for (const part of body) {
      if (part instanceof Uint8Array) yield part
      else if (file !== null) yield* readRange(file, part)
    }
  } finally {
    await file?.close()
  }
}

const CHUNK_BYTES = 256 * 1024

async function* readRange(file: FileHandle, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  for (let position = start; position <= end;) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end + 1 - position))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
    // Shorter than it was when its length was told: breaking off is the only honest answer left.
    if (bytesRead === 0) throw new Error(`expected bytes up to ${end}, the file ended at ${position}`)
    yield buffer.subarray(0, bytesRead)
    position += bytesRead
  }
}
