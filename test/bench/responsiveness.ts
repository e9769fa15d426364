/** How late the event loops of both processes are while the model reads and answers, and how soon a stop stops. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { performance } from 'node:perf_hooks'
import { percentile, print, printMachine } from './measure'
import { aboutVideo, abortingHandlers, everyFrame, withProgram, withVideo } from './program'

const BENCH = 'responsiveness'
const FRAMES = 128
const STOPS = 5
const RESOLUTION_MS = 5

async function delays(path: string): Promise<void> {
  await withProgram({}, async ({ ask, engine }) => {
    const options = everyFrame(FRAMES, { maxTokens: 300, temperature: 5 })
    await ask.ask([{ question: 'Hello', media: [] }], options)
    const own = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    own.enable()
    await engine.developer.eventLoopDelay()
    await ask.ask(aboutVideo(path), options)
    const { p99Ms, maxMs } = await engine.developer.eventLoopDelay()
    const figure = { bench: BENCH, what: 'event loop delay, 99th percentile', unit: 'ms' }
    print({ ...figure, variant: 'engine process', value: p99Ms, maxMs })
    // The histogram holds the time between two ticks of its own timer.
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
    print({ ...figure, variant: 'process that asks', value: late(own.percentile(99)), maxMs: late(own.max) })
  })
}

async function stops(path: string): Promise<void> {
  for (const stage of ['decode', 'encode', 'prefill', 'answer'] as const) {
    const waited: number[] = []
    await withProgram({}, async ({ ask }) => {
      const options = everyFrame(FRAMES, { maxTokens: 2000, temperature: 5 })
      await ask.ask([{ question: 'Hello', media: [] }], { ...options, maxTokens: 1 })
      for (let run = 0; run < STOPS; run += 1) {
        const { handlers, abortedMs } = abortingHandlers(stage)
        const turns = stage === 'answer' ? [{ question: 'Hello', media: [] }] : aboutVideo(path)
        await ask.ask(turns, options, handlers).catch(() => undefined)
        waited.push(performance.now() - abortedMs())
      }
    })
    const figure = { bench: BENCH, what: `stop while: ${stage}`, unit: 'ms', runs: STOPS }
    print({ ...figure, variant: 'median', value: percentile(waited, 0.5) })
    print({ ...figure, variant: 'longest', value: Math.max(...waited) })
  }
}

export async function run(): Promise<void> {
  printMachine(BENCH)
  await withVideo(FRAMES, async (path) => {
    await delays(path)
    await stops(path)
  })
}
