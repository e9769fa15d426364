import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../contract/errors'
import { LANGUAGE_FILE, VISION_FILE, modelDescriptionSchema } from '../../domain/model-description'
import type { ModelDescription } from '../../domain/model-description'
import type { TokenizerData } from '../../domain/tokenizer/tokenizer-data'
import { readGgufHeader } from './gguf/gguf-reader'
import { MetadataReader } from './gguf/metadata-reader'
import { checkLanguageTensors, readLanguageSizes, readTokenizerData } from './language-header'
import type { LanguageSizes } from './language-header'
import { checkVisionTensors, readVisionSizes } from './vision-header'
import type { VisionSizes } from './vision-header'

/** A model folder whose two files passed every check that can be made without reading weights. */
export interface ModelFolder {
  /** Absolute. */
  readonly folder: string
  readonly description: ModelDescription
  /** Null for a model without a vocabulary: it can be compared with reference numbers, not asked. */
  readonly tokenizer: TokenizerData | null
  /** Absolute paths. */
  readonly files: { readonly language: string; readonly vision: string }
  readonly sizeBytes: number
  /** SHA-256 over both whole files, language first, in hex. Reads every byte: about a second a gigabyte. */
  contentHash(signal?: AbortSignal): Promise<string>
}

function readPrompt(reader: MetadataReader): unknown {
  const text = (key: string) => reader.text(`longlens.prompt.${key}`)
  return {
    userBefore: text('user_before'),
    userAfter: text('user_after'),
    assistantBefore: text('assistant_before'),
    assistantAfter: text('assistant_after'),
    replyBefore: text('reply_before'),
    questionBefore: text('question_before'),
    image: { before: text('image.before'), after: text('image.after'), terminator: text('image.terminator') },
    video: {
      before: text('video.before'),
      frameBefore: text('video.frame_before'),
      frameAfter: text('video.frame_after'),
      lastFrameAfter: text('video.last_frame_after'),
      separator: text('video.separator'),
      after: text('video.after'),
      label: text('video.label'),
      ...(reader.has('longlens.prompt.video.label_place') ? { labelPlace: text('video.label_place') } : {}),
    },
    tiles: {
      before: text('tiles.before'),
      wholeAfter: text('tiles.whole_after'),
      tileBefore: text('tiles.tile_before'),
      tileAfter: text('tiles.tile_after'),
      rowSeparator: text('tiles.row_separator'),
      after: text('tiles.after'),
    },
  }
}

function describeModel(reader: MetadataReader, sizes: LanguageSizes, vision: VisionSizes): ModelDescription {
  const count = (key: string, min: number) => reader.integer(key, min, 0x7fffffff)
  const parsed = modelDescriptionSchema.safeParse({
    name: reader.text('general.name'),
    license: reader.text('general.license'),
    about: reader.text('general.description'),
    abilities: reader.texts('longlens.abilities'),
    language: {
      architecture: 'jamba',
      nLayers: sizes.layers,
      embeddingLength: sizes.embeddingLength,
      vocabularySize: sizes.vocabularySize,
      contextLength: sizes.contextLength,
      kvHeads: sizes.kvHeads,
      endTokens: reader.integers('longlens.end_tokens', 0, sizes.vocabularySize - 1),
      minTokens: count('longlens.sampling.min_tokens', 0),
    },
    vision: { tokensPerImage: vision.tokensPerImage, image: vision.image },
    video: {
      intervalSeconds: reader.number('longlens.video.interval_seconds'),
      maxFrames: count('longlens.video.max_frames', 1),
    },
    prompt: readPrompt(reader),
    sampling: {
      temperature: reader.number('general.sampling.temp'),
      topK: count('general.sampling.top_k', 0),
      topP: reader.number('general.sampling.top_p'),
      minP: reader.number('general.sampling.min_p'),
      repetitionPenalty: reader.number('general.sampling.penalty_repeat'),
      maxTokens: count('longlens.sampling.max_tokens', 1),
    },
  })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  return reader.invalid(`its description is wrong at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

async function hashFiles(paths: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    const stream = createReadStream(path, { highWaterMark: 4 * 1024 * 1024 })
    await pipeline(
      stream,
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) hash.update(chunk)
      },
      signal === undefined ? {} : { signal },
    )
  }
  return hash.digest('hex')
}

/**
 * Checks both files of a model folder strictly and reads what they say of the model. Reads headers only.
 * throws: model_not_found, model_invalid, model_unsupported; the reason names the key or tensor.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const absolute = resolve(folder)
  const files = { language: join(absolute, LANGUAGE_FILE), vision: join(absolute, VISION_FILE) }
  const language = new MetadataReader(await readGgufHeader(files.language), LANGUAGE_FILE)
  const sizes = readLanguageSizes(language)
  checkLanguageTensors(language, sizes)
  const vision = new MetadataReader(await readGgufHeader(files.vision), VISION_FILE)
  const visionSizes = readVisionSizes(vision)
  checkVisionTensors(vision, visionSizes)
  if (visionSizes.projectionLength !== sizes.embeddingLength) {
    const reason = `it makes pictures of width ${visionSizes.projectionLength}, but ${LANGUAGE_FILE} takes ${sizes.embeddingLength}`
    throw new AppError('model_invalid', `${files.vision}: ${reason}`, { file: VISION_FILE, reason })
  }
  return {
    folder: absolute,
    description: describeModel(language, sizes, visionSizes),
    tokenizer: readTokenizerData(language, sizes.vocabularySize),
    files,
    sizeBytes: language.header.fileBytes + vision.header.fileBytes,
    contentHash: (signal) => hashFiles([files.language, files.vision], signal),
  }
}
