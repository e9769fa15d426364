import { AppError } from '../contract/errors'
import { CONTEXT_PLAN } from './binding-errors'
import type { NativeSession, NativeVisionTower, SequenceInput } from './engine-binding'
import type { MethodParams } from './engine-protocol'
import type { RunningCall } from './running-call'

export interface AppendTarget {
  readonly session: NativeSession
  readonly tower: NativeVisionTower
  readonly sequence: number
  /** Tokens per batch of the session. */
  readonly batchTokens: number
}

type AppendParts = MethodParams<'append'>['parts']

/**
 * Appends text and pictures to a sequence. While the language model runs one stretch, the next pictures wait behind
 * it in the engine thread's queue, so it never idles; no more than three batches of pictures exist at once. Text
 * and picture embeddings are joined and handed over in multiples of the session's batch.
 *
 * Throws `request_too_long` when it cannot fit (nothing changed). After any other failure the sequence is empty.
 */
export async function appendParts(
  target: AppendTarget,
  parts: AppendParts,
  call: RunningCall,
): Promise<void> {
  const { session, tower, sequence } = target
  const images = sum(parts, (part) => (part.kind === 'images' ? part.count : 0))
  const textTokens = sum(parts, (part) => (part.kind === 'tokens' ? part.tokens.length : 0))
  const totalTokens = textTokens + images * tower.tokensPerImage
  const room = session.contextTokens - session.length(sequence)
  if (totalTokens > room) {
    throw new AppError(
      'request_too_long',
      `expected at most ${String(room)} tokens, got ${String(totalTokens)}`,
      {
        tokens: totalTokens,
        limit: room,
        plan: CONTEXT_PLAN,
      },
    )
  }
  const encoder = new ImageEncoder(tower, call, images)
  const prefill = new Prefill(target, call, totalTokens)
  try {
    for (const part of parts) {
      if (part.kind === 'tokens') await prefill.add(part, part.tokens.length)
      else await appendImages(part.count, encoder, prefill, tower)
    }
    await prefill.finish()
  } catch (thrown) {
    // Both may have a job in the engine's queue: stop and await them, so that "failed" means nothing is running.
    call.cancel()
    await Promise.allSettled([encoder.settle(), prefill.settle()])
    // A session that was disposed meanwhile has no sequence to clear.
    await session.clear(sequence).catch(() => undefined)
    throw thrown
  }
}

async function appendImages(
  count: number,
  encoder: ImageEncoder,
  prefill: Prefill,
  tower: NativeVisionTower,
): Promise<void> {
  for (let left = count; left > 0;) {
    const embeddings = await encoder.take(left)
    const rows = embeddings.length / tower.embeddingLength
    left -= rows / tower.tokensPerImage
    await prefill.add({ kind: 'embeddings', embeddings }, rows)
  }
}

/** Encodes the pictures of a call in order, one batch ahead of whoever takes them. */
class ImageEncoder {
  private readonly tower: NativeVisionTower
  private readonly call: RunningCall
  private readonly total: number
  private readonly report: (done: number) => void
  private ahead: Promise<Float32Array> | undefined
  private started = 0
  private current: Float32Array = new Float32Array(0)

  constructor(tower: NativeVisionTower, call: RunningCall, total: number) {
    this.tower = tower
    this.call = call
    this.total = total
    this.report = call.stageProgress('encode', total)
    if (total > 0) this.ahead = this.encodeNext()
  }

  /** Embeddings of the next 1 to `count` pictures. */
  async take(count: number): Promise<Float32Array> {
    if (this.current.length === 0) {
      if (this.ahead === undefined) throw new Error('expected a batch of pictures ahead, got none')
      this.current = await this.ahead
      this.ahead = this.started < this.total ? this.encodeNext() : undefined
    }
    const perImage = this.tower.tokensPerImage * this.tower.embeddingLength
    const taken = this.current.subarray(0, count * perImage)
    this.current = this.current.subarray(taken.length)
    return taken
  }

  async settle(): Promise<void> {
    await this.ahead
  }

  private encodeNext(): Promise<Float32Array> {
    const encoding = this.encodeBatch()
    // Met when it is taken or settled; without this a failure in between would count as unhandled.
    encoding.catch(() => undefined)
    return encoding
  }

  private async encodeBatch(): Promise<Float32Array> {
    const { pixels, count } = await this.call.takePixels()
    const expected = count * this.tower.side ** 2 * 3
    if (pixels.length !== expected || this.started + count > this.total) {
      const reason = `expected ${String(expected)} bytes for ${String(count)} of ${String(this.total)} pictures, got ${String(pixels.length)}`
      throw new AppError('invalid_input', reason, { reason })
    }
    const before = this.started
    this.started += count
    const embeddings = await this.tower.encode(pixels, this.call.token, (done) => {
      if (done < count) this.report(before + done)
    })
    this.report(before + count)
    return embeddings
  }
}

interface Piece {
  readonly input: SequenceInput
  readonly tokens: number
}

/** Collects inputs and runs the session over them in whole batches, one job at a time. */
class Prefill {
  private readonly target: AppendTarget
  private readonly call: RunningCall
  private readonly report: (done: number) => void
  private pieces: Piece[] = []
  private collected = 0
  private done = 0
  private running: Promise<void> = Promise.resolve()

  constructor(target: AppendTarget, call: RunningCall, totalTokens: number) {
    this.target = target
    this.call = call
    this.report = call.stageProgress('prefill', totalTokens)
  }

  async add(input: SequenceInput, tokens: number): Promise<void> {
    this.pieces.push({ input, tokens })
    this.collected += tokens
    const whole = this.collected - (this.collected % this.target.batchTokens)
    if (whole > 0) await this.run(whole)
  }

  /** Runs what is left, and waits for all of it. */
  async finish(): Promise<void> {
    if (this.collected > 0) await this.run(this.collected)
    await this.running
  }

  async settle(): Promise<void> {
    await this.running
  }

  /** Starts a job over the first `tokens` collected ones once the one before is done. */
  private async run(tokens: number): Promise<void> {
    await this.running
    this.call.check()
    const inputs = this.takeFirst(tokens)
    const before = this.done
    this.done += tokens
    this.running = this.target.session
      .append(this.target.sequence, inputs, this.call.token, (done) => {
        if (done < tokens) this.report(before + done)
      })
      .then(() => {
        this.report(before + tokens)
      })
    // Met by the next run, finish or settle.
    this.running.catch(() => undefined)
  }

  private takeFirst(tokens: number): SequenceInput[] {
    const taken: SequenceInput[] = []
    let missing = tokens
    while (missing > 0) {
      const piece = this.pieces.shift()
      if (piece === undefined)
        throw new Error(`expected ${String(tokens)} collected tokens, got ${String(tokens - missing)}`)
      const [first, rest] = splitPiece(piece, missing)
      taken.push(first.input)
      if (rest !== undefined) this.pieces.unshift(rest)
      missing -= first.tokens
    }
    this.collected -= tokens
    return taken
  }
}

/** Views, not copies: the addon copies what it is handed. */
function splitPiece(piece: Piece, tokens: number): [Piece, Piece | undefined] {
  if (piece.tokens <= tokens) return [piece, undefined]
  const { input } = piece
  const cut = (from: number, to: number): Piece => {
    if (input.kind === 'tokens')
      return { input: { kind: 'tokens', tokens: input.tokens.subarray(from, to) }, tokens: to - from }
    const width = input.embeddings.length / piece.tokens
    const embeddings = input.embeddings.subarray(from * width, to * width)
    return { input: { kind: 'embeddings', embeddings }, tokens: to - from }
  }
  return [cut(0, tokens), cut(tokens, piece.tokens)]
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
