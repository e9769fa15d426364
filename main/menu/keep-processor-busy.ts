import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

const SPIN = `
const { workerData } = require('node:worker_threads')
const end = performance.now() + workerData.milliseconds
while (performance.now() < end);
`
/** So many for each core, that what else wants to run gets a fifth of it. */
const PER_CORE = 4

/** Leaves little of the processor to all others, the engine among them; resolves when it is free again. */
export async function keepProcessorBusy(seconds: number): Promise<void> {
  const busy = Array.from({ length: PER_CORE * availableParallelism() }, () => {
    const worker = new Worker(SPIN, { eval: true, workerData: { milliseconds: 1000 * seconds } })
    // Quitting does not wait for it.
    worker.unref()
    return once(worker, 'exit')
  })
  await Promise.all(busy)
}
