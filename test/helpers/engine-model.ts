import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LANGUAGE_FILE, VISION_FILE, type ModelDescription } from '../../app/domain/model-description'
import { officialTemplate } from '../../app/domain/prompts/official-template'
import type { LoadOptions } from '../../app/engine/engine-client-types'
import { writeTinyModel, type TinyModelShape } from './tiny-model'
import { makeTower, smallTower, writeTower, type TowerShape } from './vision-file'

/** Pieces of the tiny vocabulary without extra ones. */
const VOCABULARY = 296
export const TOKENS_PER_IMAGE = 4

export interface EngineModel {
  readonly load: LoadOptions
  readonly tower: TowerShape
}

/** Writes a made-up model folder, language and vision, and gives the options that load it. */
export async function writeEngineModel(
  folder: string,
  shape: TinyModelShape,
  contextTokens: number,
): Promise<EngineModel> {
  await mkdir(folder, { recursive: true })
  const tower: TowerShape = { ...smallTower, projection: shape.width }
  await writeTinyModel(join(folder, LANGUAGE_FILE), shape)
  await writeTower(join(folder, VISION_FILE), makeTower(tower))
  const load: LoadOptions = {
    folder,
    description: describeModel(shape, tower),
    contextTokens,
    threads: 2,
    gpuLayers: 0,
    flashAttention: true,
    cacheType: 'f16',
    maxSequences: 4,
  }
  return { load, tower }
}

function describeModel(shape: TinyModelShape, tower: TowerShape): ModelDescription {
  return {
    name: 'Made up',
    license: 'MIT',
    about: 'Random weights.',
    abilities: ['image'],
    language: {
      architecture: 'jamba',
      nLayers: shape.kvHeads.length,
      embeddingLength: shape.width,
      vocabularySize: VOCABULARY + shape.extraPieces,
      contextLength: shape.contextLength,
      kvHeads: [...shape.kvHeads],
      endTokens: [2],
      minTokens: 1,
    },
    vision: {
      tokensPerImage: TOKENS_PER_IMAGE,
      image: { side: tower.imageSize, aspect: 'pad', mean: [0, 0, 0], std: [1, 1, 1] },
    },
    video: { intervalSeconds: 1, maxFrames: 8 },
    prompt: officialTemplate,
    sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 64 },
  }
}
