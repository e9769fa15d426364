import { AppError } from '../contract/errors'
import type { SequencePart } from './engine-client-types'
import { BATCH_IMAGES, PIXEL_WINDOW, type MethodParams, type OwnerMessage } from './engine-protocol'

/** What `append` announces: the parts without their pixels. Throws `invalid_input` for pictures of unequal sizes. */
export function announceParts(parts: readonly SequencePart[]): MethodParams<'append'>['parts'] {
  const sizes = new Set<number>()
  const announced = parts.map((part): MethodParams<'append'>['parts'][number] => {
    if (part.kind === 'tokens') return { kind: 'tokens', tokens: part.tokens }
    sizes.add(part.pixels.length / part.count)
    return { kind: 'images', count: part.count }
  })
  if (sizes.size > 1) {
    const reason = `engine.append: expected pictures of one size, got ${[...sizes].join(' and ')} bytes`
    throw new AppError('invalid_input', reason, { reason })
  }
  return announced
}

/**
 * Hands the pictures of an append to the engine, a batch at a time and never more ahead of it than the window. Pictures
 * of neighbouring parts share batches.
 */
export class PixelSender {
  private readonly batches: Iterator<{ pixels: Uint8Array; count: number }, void>
  private post: ((pixels: Uint8Array, count: number) => void) | undefined

  constructor(parts: readonly SequencePart[]) {
    this.batches = pixelBatches(parts)
  }

  start(id: number, send: (message: OwnerMessage) => void): void {
    this.post = (pixels, count) => {
      send({ type: 'pixels', id, count, pixels })
    }
    for (let n = 0; n < PIXEL_WINDOW; n += 1) this.sendNext()
  }

  /** The engine took a batch in hand: the next one may follow. */
  sendNext(): void {
    const next = this.batches.next()
    if (next.done !== true) this.post?.(next.value.pixels, next.value.count)
  }
}

function* pixelBatches(
  parts: readonly SequencePart[],
): Generator<{ pixels: Uint8Array; count: number }, void> {
  let waiting: Uint8Array[] = []
  for (const part of parts) {
    if (part.kind === 'tokens') continue
    const sizeBytes = part.pixels.length / part.count
    for (let n = 0; n < part.count; n += 1) {
      waiting.push(part.pixels.subarray(n * sizeBytes, (n + 1) * sizeBytes))
      if (waiting.length < BATCH_IMAGES) continue
      yield joined(waiting)
      waiting = []
    }
  }
  if (waiting.length > 0) yield joined(waiting)
}

/** A copy also of a single picture: a view would drag its whole buffer through the channel. */
function joined(pictures: readonly Uint8Array[]): { pixels: Uint8Array; count: number } {
  const pixels = new Uint8Array(pictures.reduce((sum, picture) => sum + picture.length, 0))
  let at = 0
  for (const picture of pictures) {
    pixels.set(picture, at)
    at += picture.length
  }
  return { pixels, count: pictures.length }
}
