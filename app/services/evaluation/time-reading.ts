import { composeRequest } from '../../domain/prompts/compose-request'
import { createTokenizer } from '../../domain/tokenizer/create-tokenizer'
import type { PictureRef } from '../../domain/request'
import type { EngineClient } from '../../engine/engine-client-types'
import type { AskMedia } from '../ask/ask-types'
import { expandMedia } from '../ask/expand-media'
import { splitPlan } from '../ask/media-prefix'
import { showParts } from '../ask/show-parts'
import type { MediaReader, ReadPicture } from '../media/media-reader'
import type { ModelFolder } from '../models/model-folder'

/** The sequences of the ask service. Both take room in the context: what was shown, and the question that branched off. */
const SHOWN_SEQUENCE = 0
const QUESTION_SEQUENCE = 1

export interface ReadingParts {
  readonly engine: EngineClient
  readonly reader: MediaReader
  readonly model: ModelFolder
}

/**
 * Reads a video once more, exactly as a question does, but from pictures that were decoded and resized before the clock
 * starts. Expects the model to be loaded with room for it, as it is after a question about the video; leaves the
 * sequences empty, so that the ask service reads again what it is asked about next.
 * @returns frames read, and the seconds that vision tower and language model took for them
 */
export async function timeReading(
  { engine, reader, model }: ReadingParts,
  media: AskMedia,
  maxFrames: number,
  signal: AbortSignal,
): Promise<{ readonly frames: number; readonly seconds: number }> {
  if (model.tokenizer === null) return { frames: 0, seconds: 0 }
  const { description } = model
  const sampling = { intervalSeconds: description.video.intervalSeconds, maxFrames }
  const { turns, sources } = await expandMedia([{ question: '?', media: [media] }], sampling, reader, signal)
  const plan = composeRequest(turns, description, createTokenizer(model.tokenizer))
  const { shown } = splitPlan(plan, sources)
  const refs = shown.flatMap((part): PictureRef[] => (part.kind === 'picture' ? [part.picture] : []))
  const decoded: ReadPicture[] = []
  for await (const picture of reader.readPictures(refs, sources, description.vision.image, signal)) {
    decoded.push(picture)
  }
  await engine.clear(QUESTION_SEQUENCE)
  await engine.clear(SHOWN_SEQUENCE)
  try {
    const startedMs = performance.now()
    await showParts({
      engine,
      media: { readPictures: () => replay(decoded) },
      sequence: SHOWN_SEQUENCE,
      parts: shown,
      sources,
      description,
      signal,
      onProgress: () => undefined,
    })
    return { frames: plan.frames, seconds: (performance.now() - startedMs) / 1000 }
  } finally {
    await engine.clear(SHOWN_SEQUENCE)
  }
}

async function* replay(pictures: readonly ReadPicture[]): AsyncGenerator<ReadPicture, void> {
  yield* await Promise.resolve(pictures)
}
