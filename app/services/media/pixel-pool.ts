import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { AppError } from '../../contract/errors'
import type { ImageProcessing } from '../../domain/model-description'
import { toModelInput } from '../../domain/pixels/model-input'

export interface PixelJob {
  readonly id: number
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
  readonly processing: ImageProcessing
}

export type PixelResult =
  | { readonly id: number; readonly pixels: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly failure: string }

/** Makes model inputs of pictures, [height, width, 3] to [side, side, 3]. */
export interface PixelPool {
  /** Takes the bytes of `rgb` over: the caller must not use them afterwards. */
  toModelInput(
    rgb: Uint8Array,
    width: number,
    height: number,
    processing: ImageProcessing,
  ): Promise<Uint8Array>
  close(): Promise<void>
}

/** For tests, and where the worker's bundle is not installed. */
const sameThread: PixelPool = {
  toModelInput: (rgb, width, height, processing) =>
    Promise.resolve(toModelInput(rgb, width, height, processing)),
  close: () => Promise.resolve(),
}

interface Waiting {
  readonly resolve: (pixels: Uint8Array) => void
  readonly reject: (error: Error) => void
}

/** One worker thread, started with the first picture. It does not keep the process alive while it has nothing to do. */
class WorkerPool implements PixelPool {
  private readonly url: URL
  private worker: Worker | null = null
  private readonly waiting = new Map<number, Waiting>()
  private lastId = 0

  constructor(url: URL) {
    this.url = url
  }

  toModelInput(
    rgb: Uint8Array,
    width: number,
    height: number,
    processing: ImageProcessing,
  ): Promise<Uint8Array> {
    this.worker ??= this.start()
    const { worker } = this
    const id = (this.lastId += 1)
    const job: PixelJob = { id, rgb, width, height, processing }
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      worker.ref()
      post(worker, job)
    })
  }

  async close(): Promise<void> {
    const { worker } = this
    this.worker = null
    this.fail('the program is closing')
    await worker?.terminate()
  }

  private start(): Worker {
    const worker = new Worker(this.url)
    worker.unref()
    worker.on('message', (result: PixelResult) => {
      const waiting = this.waiting.get(result.id)
      this.waiting.delete(result.id)
      if (this.waiting.size === 0) worker.unref()
      if ('pixels' in result) waiting?.resolve(result.pixels)
      else waiting?.reject(internal(result.failure))
    })
    worker.on('error', (error: unknown) => {
      if (this.worker === worker) this.worker = null
      this.fail(error instanceof Error ? error.message : String(error))
    })
    worker.on('exit', (code) => {
      if (this.worker !== worker) return
      this.worker = null
      this.fail(`the worker ended with code ${code}`)
    })
    return worker
  }

  private fail(reason: string): void {
    for (const { reject } of this.waiting.values()) reject(internal(reason))
    this.waiting.clear()
  }
}

/** Hands the pixels over where that is possible. Memory that belongs to sharp, or to Node's pool, is copied. */
function post(worker: Worker, job: PixelJob): void {
  const { buffer, byteLength } = job.rgb
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
    try {
      worker.postMessage(job, [buffer])
      return
    } catch (thrown) {
      if (!(thrown instanceof DOMException && thrown.name === 'DataCloneError')) throw thrown
    }
  }
  worker.postMessage(job)
}

function internal(reason: string): AppError {
  return new AppError('internal', `resizing a picture: ${reason}`, { reason })
}

/** The worker's bundle lies beside the program's. */
const bundledWorker = new URL('./pixel-worker.js', import.meta.url)

/** workerUrl: the worker's bundle; where there is none, pictures are resized on the calling thread. */
export function createPixelPool(workerUrl: URL = bundledWorker): PixelPool {
  return existsSync(fileURLToPath(workerUrl)) ? new WorkerPool(workerUrl) : sameThread
}
