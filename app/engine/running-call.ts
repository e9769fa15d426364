import { AppError } from '../contract/errors'
import type { NativeCancelToken } from './engine-binding'
import type { CallEvent } from './engine-protocol'

/** Some pictures of an append, RGB bytes one after another. */
export interface PixelBatch {
  readonly pixels: Uint8Array
  readonly count: number
}

/** At most 20 progress events a second and stage. */
const PROGRESS_INTERVAL_MS = 50

/** One request that the engine process is working on: its cancel flag, its events, and pictures on their way to it. */
export class RunningCall {
  readonly token: NativeCancelToken
  private readonly emitEvent: (event: CallEvent) => void
  private readonly waiting: PixelBatch[] = []
  private wake: (() => void) | undefined
  private cancelled = false

  constructor(token: NativeCancelToken, emit: (event: CallEvent) => void) {
    this.token = token
    this.emitEvent = emit
  }

  emit(event: CallEvent): void {
    this.emitEvent(event)
  }

  cancel(): void {
    this.cancelled = true
    this.token.cancel()
    this.wake?.()
  }

  /** Throws `cancelled` once the call was cancelled: for the places between native jobs. */
  check(): void {
    if (this.cancelled) throw new AppError('cancelled', 'cancelled by its owner')
  }

  pushPixels(batch: PixelBatch): void {
    this.waiting.push(batch)
    this.wake?.()
  }

  /** The next pictures, once they are here; tells the owner that it may send more. Rejects with `cancelled`. */
  async takePixels(): Promise<PixelBatch> {
    for (;;) {
      this.check()
      const batch = this.waiting.shift()
      if (batch !== undefined) {
        this.emit({ kind: 'pixelsTaken' })
        return batch
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
      this.wake = undefined
    }
  }

  /** Progress of one stage; the last step is always told. */
  stageProgress(stage: 'encode' | 'prefill', total: number): (done: number) => void {
    let told = -Infinity
    return (done) => {
      const now = performance.now()
      if (done < total && now - told < PROGRESS_INTERVAL_MS) return
      told = now
      this.emit({ kind: 'append', stage, done, total })
    }
  }
}
