import type { ModelDescription, PromptTemplate } from '../../app/domain/model-description'
import { officialTemplate } from '../../app/domain/prompts/official-template'
import { tinyTemplate } from '../../app/domain/prompts/tiny-template'

function describeModel(prompt: PromptTemplate, tokensPerImage: number, side: number): ModelDescription {
  return {
    name: 'Test model',
    license: 'MIT',
    about: 'For tests.',
    abilities: ['image', 'images', 'video', 'tiles', 'turns'],
    language: {
      architecture: 'jamba',
      nLayers: 2,
      embeddingLength: 8,
      vocabularySize: 65536,
      contextLength: 262144,
      kvHeads: [0, 8],
      endTokens: [2],
      minTokens: 1,
    },
    vision: {
      tokensPerImage,
      image: { side, aspect: 'pad', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    },
    video: { intervalSeconds: 1, maxFrames: 128 },
    prompt,
    sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 768 },
  }
}

/** As the official models: 144 tokens a picture of 336 pixels. */
export const officialDescription = describeModel(officialTemplate, 144, 336)
/** As Longlens-Tiny: 25 tokens a picture of 160 pixels. */
export const tinyDescription = describeModel(tinyTemplate, 25, 160)
/** With the timecode behind each frame, as in files that do not say where it stands. */
export const labelAfterDescription = describeModel(
  { ...tinyTemplate, video: { ...tinyTemplate.video, labelPlace: 'after' } },
  25,
  160,
)
