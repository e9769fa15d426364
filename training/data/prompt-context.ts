import { readSentencePieceModel } from '../../app/services/models/checkpoint/sentencepiece-model'
import { presets } from '../../app/services/models/convert/presets'
import type { ModelDescription } from '../../app/domain/model-description'
import { createTokenizer } from '../../app/domain/tokenizer/create-tokenizer'
import { cachedTokenizer } from './cached-tokenizer'
import type { PromptContext } from './training-sequence'

/** Side of the pictures that the model sees, pixels. */
export const PICTURE_SIDE = 160
/** Positions of a picture: 10×10 patches, pooled 2×2. */
export const TOKENS_PER_PICTURE = 25

const BEGIN = '<|startoftext|>'
const END = '<|endoftext|>'
/** Strings that are one token each, so that text may be cut around them. */
const SEPARATORS = [BEGIN, END, '<|User|>', '<|Assistant|>', '<img>', '</img>', '<vid>', '</vid>', '\n']

/** What the description of a converted model of this training will say, as far as prompts go. */
export function trainedDescription(vocabularySize: number, endToken: number): ModelDescription {
  const { prompt, sampling, abilities, about, video, minTokens } = presets.tiny
  return {
    name: 'Longlens-Tiny',
    license: 'MIT',
    about,
    abilities,
    language: {
      architecture: 'jamba',
      nLayers: 8,
      embeddingLength: 256,
      vocabularySize,
      contextLength: 262_144,
      kvHeads: [0, 4, 0, 0, 4, 0, 0, 4],
      endTokens: [endToken],
      minTokens,
    },
    vision: {
      tokensPerImage: TOKENS_PER_PICTURE,
      image: { side: PICTURE_SIDE, aspect: 'pad', mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    },
    video,
    prompt,
    sampling,
  }
}

/** Reads the tokenizer. throws: as `readSentencePieceModel`. */
export async function loadPromptContext(tokenizerFile: string): Promise<PromptContext> {
  const { addDummyPrefix, ...model } = await readSentencePieceModel(tokenizerFile)
  const specials = [BEGIN, END].map((text) => model.pieces.indexOf(text))
  const tokenizer = createTokenizer({ ...model, addSpacePrefix: addDummyPrefix, specials })
  return {
    description: trainedDescription(model.pieces.length, specials[1] ?? 0),
    tokenizer: cachedTokenizer(tokenizer, SEPARATORS),
  }
}
