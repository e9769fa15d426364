import type { EngineClient, SequencePart } from '../../engine/engine-client-types'
import type { ModelDescription } from '../../domain/model-description'
import type { PictureRef, PlannedPart } from '../../domain/request'
import type { MediaReader } from '../media/media-reader'
import type { MediaSource } from './expand-media'

/** Fewest pictures handed to the engine at once: enough to fill its batches. */
const FEWEST_PICTURES = 16
/** Most of them, which bounds the memory of both sides. A busy engine is given more at a time, in fuller batches. */
const MOST_PICTURES = 64

export interface ShowProgress {
  decoded: number
  encoded: number
  prefilledTokens: number
}

export interface ShowRequest {
  readonly engine: EngineClient
  readonly media: Pick<MediaReader, 'readPictures'>
  readonly sequence: number
  readonly parts: readonly PlannedPart[]
  readonly sources: readonly MediaSource[]
  readonly description: ModelDescription
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: Readonly<ShowProgress>) => void
}

/**
 * Appends text and pictures to a sequence in order. Decoding the next pictures overlaps with the engine's work on the
 * last ones; never more than two batches of pictures are in memory. When one side fails the other is stopped, and the
 * failure that came first is thrown.
 */
export async function showParts(request: ShowRequest): Promise<void> {
  const progress: ShowProgress = { decoded: 0, encoded: 0, prefilledTokens: 0 }
  const stop = new AbortController()
  const signal = request.signal === undefined ? stop.signal : AbortSignal.any([request.signal, stop.signal])
  let failure: { readonly thrown: unknown } | undefined
  const fail = (thrown: unknown): void => {
    failure ??= { thrown }
    stop.abort()
  }
  let engineWork: Promise<void> = Promise.resolve()
  let isBusy = false
  const isFull = (pictures: number): boolean => pictures >= (isBusy ? MOST_PICTURES : FEWEST_PICTURES)
  const onDecoded = (): void => {
    progress.decoded += 1
    request.onProgress(progress)
  }
  try {
    for await (const batch of batches({ ...request, signal }, isFull, onDecoded)) {
      await engineWork
      isBusy = true
      engineWork = append(request, batch, signal, progress).finally(() => {
        isBusy = false
      })
      // Met at once, so that decoding does not go on for a batch that nobody can take.
      engineWork.catch(fail)
    }
    await engineWork
  } catch (thrown) {
    fail(thrown)
    await engineWork.catch(() => undefined)
  }
  if (failure !== undefined) throw failure.thrown
}

interface Batch {
  readonly parts: SequencePart[]
  readonly pictures: number
  readonly tokens: number
}

async function append(
  request: ShowRequest,
  batch: Batch,
  signal: AbortSignal,
  progress: ShowProgress,
): Promise<void> {
  const before = { ...progress }
  await request.engine.append(request.sequence, batch.parts, {
    signal,
    onProgress: ({ stage, done }) => {
      if (stage === 'encode') progress.encoded = before.encoded + done
      else progress.prefilledTokens = before.prefilledTokens + done
      request.onProgress(progress)
    },
  })
  progress.encoded = before.encoded + batch.pictures
  progress.prefilledTokens = before.prefilledTokens + batch.tokens
  request.onProgress(progress)
}

async function* batches(
  request: ShowRequest & { signal: AbortSignal },
  isFull: (pictures: number) => boolean,
  onDecoded: () => void,
): AsyncGenerator<Batch, void> {
  const refs = request.parts.flatMap((part): PictureRef[] => (part.kind === 'picture' ? [part.picture] : []))
  const pictures = request.media
    .readPictures(refs, request.sources, request.description.vision.image, request.signal)
    [Symbol.asyncIterator]()
  let batch: { parts: SequencePart[]; pictures: number; tokens: number } = {
    parts: [],
    pictures: 0,
    tokens: 0,
  }
  try {
    for (const part of request.parts) {
      if (part.kind === 'text') {
        batch.parts.push({ kind: 'tokens', tokens: Int32Array.from(part.tokens) })
        batch.tokens += part.tokens.length
        continue
      }
      const next = await pictures.next()
      if (next.done === true) throw new Error('the media reader ended before the last picture of the request')
      onDecoded()
      batch.parts.push({ kind: 'images', pixels: next.value.pixels, count: 1 })
      batch.pictures += 1
      batch.tokens += part.tokens
      if (isFull(batch.pictures)) {
        yield batch
        batch = { parts: [], pictures: 0, tokens: 0 }
      }
    }
    // The reader looks at the last file once more: one that changed or vanished meanwhile was not read as it was.
    if ((await pictures.next()).done !== true)
      throw new Error('the media reader gave more pictures than were asked for')
    if (batch.parts.length > 0) yield batch
  } finally {
    await pictures.return?.()
  }
}
