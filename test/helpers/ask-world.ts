import { TokenType, type TokenizerData } from '../../app/domain/tokenizer/tokenizer-data'
import type { ModelDescription } from '../../app/domain/model-description'
import { createAskService } from '../../app/services/ask/ask-service'
import type { AskMedia, AskOptions, AskService, AskTurn } from '../../app/services/ask/ask-types'
import type { ModelFolder } from '../../app/services/models/model-folder'
import { FakeEngineClient } from './fake-engine-client'
import { FakeMediaReader } from './fake-media-reader'
import { tinyDescription } from './model-descriptions'

/** One token a byte of UTF-8, so that token counts can be read off the text. */
const byteTokenizer: TokenizerData = {
  model: 'bpe',
  pieces: [
    '<unk>',
    ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  ],
  scores: Array<number>(257).fill(0),
  types: [TokenType.unknown, ...Array<number>(256).fill(TokenType.byte)],
  addSpacePrefix: false,
  byteFallback: true,
  unkId: 0,
  specials: [],
}

export function modelFolder(folder: string, changes: Partial<ModelFolder> = {}): ModelFolder {
  return {
    folder,
    description: tinyDescription,
    tokenizer: byteTokenizer,
    files: { language: `${folder}/language.gguf`, vision: `${folder}/vision.gguf` },
    sizeBytes: 1,
    contentHash: () => Promise.resolve('hash'),
    ...changes,
  }
}

export interface AskWorld {
  readonly ask: AskService
  readonly engine: FakeEngineClient
  readonly reader: FakeMediaReader
  /** What opening a folder gives; put another object in its place to replace the model. */
  readonly models: Map<string, ModelFolder>
}

/** The ask service with an engine and media that do what the test says. */
export function askWorld(
  description: ModelDescription = tinyDescription,
  freeMemoryBytes: () => number = () => Infinity,
): AskWorld {
  const engine = new FakeEngineClient(description.vision.tokensPerImage)
  const reader = new FakeMediaReader()
  const models = new Map([['/model', modelFolder('/model', { description })]])
  const openModel = (folder: string) => {
    const model = models.get(folder)
    return model === undefined ? Promise.reject(new Error(`no model ${folder}`)) : Promise.resolve(model)
  }
  return {
    ask: createAskService({ engine: engine.client, media: reader, openModel, freeMemoryBytes }),
    engine,
    reader,
    models,
  }
}

export const askOptions: AskOptions = {
  modelFolder: '/model',
  maxFrames: null,
  intervalSeconds: null,
  maxTokens: 64,
  contextTokens: null,
  threads: 1,
  temperature: null,
  seed: null,
  continueReply: '',
}

export function medium(path: string, changes: Partial<AskMedia> = {}): AskMedia {
  return { path, range: null, tiles: false, ...changes }
}

/** A conversation of one open question. */
export function question(text: string, ...paths: string[]): AskTurn[] {
  return [{ question: text, media: paths.map((path) => medium(path)) }]
}
