import { join } from 'node:path'
import { z } from 'zod'
import { invalidCheckpoint, unsupportedCheckpoint } from './checkpoint-errors'
import type { CheckpointTensor } from './checkpoint-tensors'
import { checkValue, readJson } from './read-small-file'

const size = z.number().int().min(1).max(65_536)

const towerSchema = z.object({
  hidden_size: size.default(768),
  intermediate_size: size.default(3072),
  num_hidden_layers: z.number().int().min(1).max(512).default(12),
  num_attention_heads: size.default(12),
  image_size: size.max(4096).default(224),
  patch_size: size.default(32),
  num_channels: z.literal(3).default(3),
  hidden_act: z.string().default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
})

/** Either the vision part alone (`clip_vision_model`), or all of CLIP with the part in `vision_config`. */
const configSchema = z.looseObject({ model_type: z.string(), vision_config: z.looseObject({}).optional() })

/** A side as 336, `{"shortest_edge": 336}` or `{"height": 336, "width": 336}`. */
const sideSchema = z.union([
  size,
  z.object({ shortest_edge: size }).transform((value) => value.shortest_edge),
  z
    .object({ height: size, width: size })
    .refine((value) => value.height === value.width, 'height and width should be equal')
    .transform((value) => value.height),
])
const channels = z.tuple([z.number(), z.number(), z.number()])

const preprocessorSchema = z.object({
  size: sideSchema,
  crop_size: sideSchema.optional(),
  image_mean: channels,
  image_std: channels.refine((std) => std.every((value) => value > 0), 'each should be above 0'),
  resample: z.number().default(3),
  rescale_factor: z.number().default(1 / 255),
  do_normalize: z.boolean().default(true),
})

/** Sizes of a CLIP vision tower and the numbers that turn pixels into its input. */
export interface VisionConfig {
  /** Where these sizes come from, for error messages. */
  readonly file: string
  readonly width: number
  readonly intermediateSize: number
  readonly layers: number
  readonly heads: number
  readonly imageSize: number
  readonly patchSize: number
  readonly activation: 'quick_gelu' | 'gelu'
  readonly layerNormEps: number
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

async function readTower(file: string): Promise<z.infer<typeof towerSchema>> {
  const config = await readJson(file, configSchema)
  if (config.model_type !== 'clip_vision_model' && config.model_type !== 'clip') {
    throw unsupportedCheckpoint(file, `its model_type is "${config.model_type}"; a CLIP vision tower is needed`)
  }
  const nested = config.model_type === 'clip' ? config.vision_config : config
  if (nested === undefined) throw invalidCheckpoint(file, 'vision_config: it is missing')
  return checkValue(file, nested, towerSchema)
}

async function readPreprocessor(file: string, imageSize: number) {
  const raw = await readJson(file, preprocessorSchema)
  for (const [key, side] of [
    ['size', raw.size],
    ['crop_size', raw.crop_size ?? raw.size],
  ] as const) {
    if (side !== imageSize) {
      throw invalidCheckpoint(file, `${key} is ${side}, but image_size of the tower's config.json is ${imageSize}`)
    }
  }
  if (raw.resample !== 3) throw unsupportedCheckpoint(file, `resample is ${raw.resample}; only 3 (bicubic) is supported`)
  if (!raw.do_normalize) throw unsupportedCheckpoint(file, 'do_normalize is false; only normalised input is supported')
  if (Math.abs(raw.rescale_factor * 255 - 1) > 1e-9) {
    throw unsupportedCheckpoint(file, `rescale_factor is ${raw.rescale_factor}; only 1/255 is supported`)
  }
  return raw
}

/**
 * Reads config.json and preprocessor_config.json of a tower folder.
 * throws: checkpoint_invalid, checkpoint_unsupported, naming file and key.
 */
export async function readVisionConfig(folder: string): Promise<VisionConfig> {
  const file = join(folder, 'config.json')
  const tower = await readTower(file)
  if (tower.hidden_act !== 'quick_gelu' && tower.hidden_act !== 'gelu') {
    throw unsupportedCheckpoint(file, `hidden_act is "${tower.hidden_act}"; quick_gelu and gelu are supported`)
  }
  if (tower.hidden_size % tower.num_attention_heads !== 0) {
    throw invalidCheckpoint(
      file,
      `hidden_size ${tower.hidden_size} is no multiple of num_attention_heads ${tower.num_attention_heads}`,
    )
  }
  if (tower.image_size % tower.patch_size !== 0) {
    throw invalidCheckpoint(file, `image_size ${tower.image_size} is no multiple of patch_size ${tower.patch_size}`)
  }
  const preprocessor = await readPreprocessor(join(folder, 'preprocessor_config.json'), tower.image_size)
  return {
    file,
    width: tower.hidden_size,
    intermediateSize: tower.intermediate_size,
    layers: tower.num_hidden_layers,
    heads: tower.num_attention_heads,
    imageSize: tower.image_size,
    patchSize: tower.patch_size,
    activation: tower.hidden_act,
    layerNormEps: tower.layer_norm_eps,
    mean: preprocessor.image_mean,
    std: preprocessor.image_std,
  }
}

/**
 * OpenAI's CLIP towers by width, patch size and image size: [layers, feed-forward width]. For exactly these, what
 * tensors cannot say is known: heads of 64, quick_gelu, epsilon 1e-5, and CLIP's own mean and deviation.
 */
const openAiTowers: Readonly<Record<string, readonly [number, number]>> = {
  '1024/14/336': [24, 4096],
  '1024/14/224': [24, 4096],
  '768/16/224': [12, 3072],
  '768/32/224': [12, 3072],
}

/**
 * The config of a tower that came without one, told from its shapes; undefined when it is not one of OpenAI's.
 * tensor: gives the tower's tensors by their name after `vision_model.`.
 */
export function recogniseOpenAiTower(
  file: string,
  tensor: (name: string) => CheckpointTensor | undefined,
): VisionConfig | undefined {
  const [width = 0, , patchSize = 0] = tensor('embeddings.patch_embedding.weight')?.shape ?? []
  const [positions = 0] = tensor('embeddings.position_embedding.weight')?.shape ?? []
  const imageSize = Math.sqrt(positions - 1) * patchSize
  const known = openAiTowers[`${width}/${patchSize}/${imageSize}`]
  if (known === undefined) return undefined
  const [layers, intermediateSize] = known
  const isComplete = tensor(`encoder.layers.${layers - 1}.mlp.fc1.weight`)?.shape[0] === intermediateSize
  if (!isComplete || tensor(`encoder.layers.${layers}.mlp.fc1.weight`) !== undefined) return undefined
  return {
    file,
    width,
    intermediateSize,
    layers,
    heads: width / 64,
    imageSize,
    patchSize,
    activation: 'quick_gelu',
    layerNormEps: 1e-5,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  }
}
