/** Frames a second from a video to a state that can be asked: end to end, and each stage alone. */
import { availableParallelism } from 'node:os'
import type { ReaderSource } from '../../app/services/media/media-reader'
import type { Program } from '../../app/host/compose-program'
import { print, printMachine, secondsOf } from './measure'
import { aboutVideo, bundledModel, everyFrame, loadOptions, withProgram, withVideo } from './program'

const BENCH = 'reading'
const ENCODE_BATCH = 8

interface Variant {
  readonly variant: string
  readonly threads: number
  readonly env: Readonly<Record<string, string>>
}

const variants: readonly Variant[] = [
  { variant: 'ours, 1 thread', threads: 1, env: {} },
  { variant: `ours, ${availableParallelism()} threads`, threads: availableParallelism(), env: {} },
  { variant: "ggml's own scan, 1 thread", threads: 1, env: { LONGLENS_SSM_SCAN: 'off' } },
  {
    variant: `ggml's own attention, ${availableParallelism()} threads`,
    threads: availableParallelism(),
    env: { LONGLENS_ATTENTION: 'off' },
  },
]

async function endToEnd({ ask }: Program, path: string, frames: number, threads: number): Promise<number> {
  const options = everyFrame(frames, { threads })
  // Loads the model first: reading is what is measured.
  await ask.ask([{ question: 'Hello', media: [] }], options)
  let firstTokenSeconds = 0
  await secondsOf(async () => {
    const { usage } = await ask.ask(aboutVideo(path), options)
    firstTokenSeconds = usage.firstTokenSeconds
    if (usage.frames !== frames) throw new Error(`expected ${frames} frames, got ${usage.frames}`)
  })
  return firstTokenSeconds
}

/** Decoding and resizing without an engine. */
async function decodeAlone({ reader }: Program, path: string, frames: number): Promise<Uint8Array[]> {
  const { description } = await bundledModel()
  const source: ReaderSource = { path, info: await reader.probe(path) }
  await reader.frameTimes(path)
  const refs = Array.from({ length: frames }, (_, frame) => ({
    kind: 'frame' as const,
    media: 0,
    frame,
    seconds: frame / 10,
  }))
  const pictures: Uint8Array[] = []
  const seconds = await secondsOf(async () => {
    for await (const { pixels } of reader.readPictures(refs, [source], description.vision.image))
      pictures.push(pixels)
  })
  print({
    bench: BENCH,
    what: 'decode and resize alone',
    variant: 'ours',
    value: frames / seconds,
    unit: 'frames/s',
    frames,
  })
  return pictures
}

async function engineStages(
  { engine }: Program,
  pictures: readonly Uint8Array[],
  { variant, threads }: Variant,
): Promise<void> {
  const frames = pictures.length
  await engine.load(await loadOptions(everyFrame(frames).contextTokens ?? 4096, threads))
  const embeddings: Float32Array[] = []
  const encode = await secondsOf(async () => {
    for (let from = 0; from < frames; from += ENCODE_BATCH) {
      const batch = pictures.slice(from, from + ENCODE_BATCH)
      embeddings.push(await engine.parity.encode(Uint8Array.from(Buffer.concat(batch))))
    }
  })
  print({
    bench: BENCH,
    what: 'vision tower alone',
    variant,
    value: frames / encode,
    unit: 'frames/s',
    frames,
  })
  const prefill = await secondsOf(async () => {
    for (const part of embeddings)
      await engine.parity.appendRaw(0, [{ kind: 'embeddings', embeddings: part }])
  })
  const tokens = await engine.length(0)
  print({
    bench: BENCH,
    what: 'language model alone',
    variant,
    value: tokens / prefill,
    unit: 'tokens/s',
    frames,
  })
}

export async function run(): Promise<void> {
  printMachine(BENCH)
  for (const frames of [128, 1000]) {
    await withVideo(frames, async (path) => {
      for (const variant of variants) {
        await withProgram(variant.env, async (program) => {
          const seconds = await endToEnd(program, path, frames, variant.threads)
          const figure = { bench: BENCH, variant: variant.variant, frames }
          print({ ...figure, what: 'video to first token', value: seconds, unit: 's' })
          print({ ...figure, what: 'end to end', value: frames / seconds, unit: 'frames/s' })
        })
      }
      if (frames > 128) return
      await withProgram({}, async (program) => {
        const pictures = await decodeAlone(program, path, frames)
        for (const variant of variants) {
          await withProgram(variant.env, (other) => engineStages(other, pictures, variant))
        }
      })
    })
  }
}
