import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { chooseSpecials } from '../../../domain/tokenizer/tokenizer-data'
import type { SpecialSources, TokenizerData } from '../../../domain/tokenizer/tokenizer-data'
import { invalidCheckpoint } from './checkpoint-errors'
import type { LanguageConfig } from './language-config'
import { fileExists, readJson, readSmallFile } from './read-small-file'
import { readSentencePieceModel } from './sentencepiece-model'

const TOKENIZER_FILE = 'tokenizer.model'
const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json'

const tokenizerConfigSchema = z.object({
  added_tokens_decoder: z
    .record(z.string(), z.object({ content: z.string(), special: z.boolean().optional() }))
    .optional(),
})

async function readAddedTokens(folder: string): Promise<Pick<SpecialSources, 'addedTokens'>> {
  const file = join(folder, TOKENIZER_CONFIG_FILE)
  if (!(await fileExists(file))) return {}
  const { added_tokens_decoder: added } = await readJson(file, tokenizerConfigSchema)
  if (added === undefined) return {}
  return {
    addedTokens: Object.fromEntries(
      Object.entries(added).map(([id, { content, special }]) => [
        id,
        special === undefined ? { content } : { content, special },
      ]),
    ),
  }
}

/**
 * The vocabulary of a checkpoint folder, or null when it has no `tokenizer.model` (a model for parity checks).
 * throws: checkpoint_invalid when it is damaged or does not have vocab_size pieces.
 */
export async function readTokenizer(folder: string, config: LanguageConfig): Promise<TokenizerData | null> {
  const file = join(folder, TOKENIZER_FILE)
  if (!(await fileExists(file))) return null
  const model = await readSentencePieceModel(file)
  if (model.pieces.length !== config.vocabularySize) {
    throw invalidCheckpoint(file, `it has ${model.pieces.length} pieces; config.json asks for ${config.vocabularySize}`)
  }
  const { bosId, padId, endIds } = config
  const sources = { ...(await readAddedTokens(folder)), namedIds: [bosId, ...endIds, model.unkId, padId] }
  return {
    model: model.model,
    pieces: model.pieces,
    scores: model.scores,
    types: model.types,
    addSpacePrefix: model.addDummyPrefix,
    byteFallback: model.byteFallback,
    unkId: model.unkId,
    ...(bosId === undefined ? {} : { bosId }),
    ...(endIds[0] === undefined ? {} : { eosId: endIds[0] }),
    specials: chooseSpecials(model.pieces, sources),
  }
}

const MAX_README_BYTES = 4 * 1024 * 1024

/** The licence in the YAML block at the top of a model card (README.md), as Hugging Face writes it. */
export async function readCardLicense(folder: string): Promise<string | undefined> {
  const file = join(folder, 'README.md')
  if (!(await fileExists(file))) return undefined
  const card = (await readSmallFile(file, MAX_README_BYTES)).toString('utf8')
  const block = /^---\r?\n([\s\S]*?)\r?\n---/u.exec(card)?.[1] ?? ''
  return /^license:[ \t]*["']?([\w.-]{1,100})["']?[ \t]*$/mu.exec(block)?.[1]
}

/** The folder's own name, for a checkpoint that has no other. */
export function folderName(folder: string): string {
  return basename(resolve(folder))
}
