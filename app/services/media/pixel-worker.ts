import { parentPort } from 'node:worker_threads'
import { toModelInput } from '../../domain/pixels/model-input'
import type { PixelJob, PixelResult } from './pixel-pool'

/** Entry point of the worker thread that resizes pictures, so that the main thread stays free for people. */
parentPort?.on('message', ({ id, rgb, width, height, processing }: PixelJob) => {
  let result: PixelResult
  try {
    result = { id, pixels: toModelInput(rgb, width, height, processing) }
  } catch (thrown) {
    result = { id, failure: thrown instanceof Error ? thrown.message : String(thrown) }
  }
  parentPort?.postMessage(result, 'pixels' in result ? [result.pixels.buffer] : [])
})
