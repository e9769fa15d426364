import { join } from 'node:path'
import { z } from 'zod'
import { invalidCheckpoint, unsupportedCheckpoint } from './checkpoint-errors'
import { checkValue, fileExists, readJson } from './read-small-file'

const CONFIG_FILE = 'config.json'
const GENERATION_FILE = 'generation_config.json'

const size = z.number().int().min(1).max(16_777_216)
const tokenId = z.number().int().min(0)
const tokenIds = z.union([tokenId.transform((id) => [id]), z.array(tokenId).min(1).max(64)])

/** `config.json` of LongLLaVA (LONGLLAVA-FORMAT section 1). Keys that do not change the result are not read. */
const configSchema = z.object({
  model_type: z.string().optional(),
  architectures: z.array(z.string()).nullish(),
  hidden_size: size,
  intermediate_size: size,
  // llama.cpp's own limits: 512 layers, 1024 experts.
  num_hidden_layers: z.number().int().min(1).max(512),
  num_attention_heads: size,
  num_key_value_heads: size,
  vocab_size: size,
  attn_layer_period: size,
  attn_layer_offset: z.number().int().min(0),
  expert_layer_period: size.default(2),
  expert_layer_offset: z.number().int().min(0).default(1),
  num_experts: z.number().int().min(1).max(1024),
  num_experts_per_tok: z.number().int().min(1),
  mamba_d_state: size.default(16),
  mamba_d_conv: size.default(4),
  mamba_expand: z.number().default(2),
  mamba_dt_rank: z.union([size, z.literal('auto')]).default('auto'),
  mamba_conv_bias: z.boolean().default(true),
  mamba_proj_bias: z.boolean().default(false),
  mamba_inner_layernorms: z.boolean().default(true),
  hidden_act: z.string().default('silu'),
  rms_norm_eps: z.number().positive().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  sliding_window: z.unknown().optional(),
  n_ctx: size.optional(),
  max_position_embeddings: size.optional(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: tokenIds.nullish(),
  pad_token_id: tokenId.nullish(),
  mm_vision_tower: z.string().nullish(),
  mm_projector_type: z.string().default('linear'),
  mm_hidden_size: size,
  mm_vision_select_layer: z.number().int().min(-512).max(512),
  mm_vision_select_feature: z.string().default('patch'),
  mm_patch_merge_type: z.string().default('flat'),
  mm_use_im_start_end: z.boolean().default(false),
  image_aspect_ratio: z.string().nullish(),
  resamplePooling: z.string().nullish(),
})

const generationSchema = z.object({ bos_token_id: tokenId.nullish(), eos_token_id: tokenIds.nullish() })

export type Pooling = '2d' | '1d' | 'none'

/** Sizes and switches of the language model and of the way pictures reach it; all checked against each other. */
export interface LanguageConfig {
  /** Path of config.json, for error messages. */
  readonly file: string
  readonly hiddenSize: number
  readonly intermediateSize: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly vocabularySize: number
  readonly contextLength: number
  readonly rmsNormEps: number
  readonly tiedEmbeddings: boolean
  readonly experts: number
  readonly expertsPerToken: number
  readonly stateSize: number
  readonly convolutionSize: number
  /** mamba_expand · hiddenSize */
  readonly innerSize: number
  readonly timeStepRank: number
  readonly bosId: number | undefined
  readonly padId: number | undefined
  /** Tokens that end a reply, the main one first. */
  readonly endIds: readonly number[]
  readonly visionTower: string | undefined
  readonly visionWidth: number
  /** As in the official code: -2 is the output of the last layer but one, 3 that of the third. */
  readonly selectLayer: number
  readonly pooling: Pooling
  readonly aspect: 'pad' | 'crop'
  isAttention(layer: number): boolean
  hasExperts(layer: number): boolean
}

type RawConfig = z.infer<typeof configSchema>

function checkArchitecture(file: string, raw: unknown): void {
  const schema = z.object({ model_type: z.unknown().optional(), architectures: z.unknown().optional() })
  const { model_type: type, architectures } = schema.parse(raw)
  if (type === 'llava_jamba') return
  if (Array.isArray(architectures) && architectures.includes('LlavaJambaForCausalLM')) return
  const found = JSON.stringify(type ?? architectures ?? null)
  throw unsupportedCheckpoint(file, `its model_type is ${found}; "llava_jamba" (LongLLaVA) can be imported`)
}

/** Switches that the official code has and neither official model uses; llama.cpp's jamba has no place for them. */
function checkSupported(file: string, raw: RawConfig): void {
  const only = (key: keyof RawConfig, expected: unknown) => {
    if (raw[key] === expected) return
    throw unsupportedCheckpoint(file, `${key} is ${JSON.stringify(raw[key])}; only ${JSON.stringify(expected)} is supported`)
  }
  only('mamba_expand', 2)
  only('mamba_conv_bias', true)
  only('mamba_proj_bias', false)
  only('mamba_inner_layernorms', true)
  only('hidden_act', 'silu')
  only('mm_projector_type', 'mlp2x_gelu')
  only('mm_vision_select_feature', 'patch')
  only('mm_patch_merge_type', 'flat')
  only('mm_use_im_start_end', false)
  if (raw.sliding_window !== undefined && raw.sliding_window !== null) {
    throw unsupportedCheckpoint(file, 'sliding_window is set; attention over a window is not supported')
  }
  if (raw.attn_layer_offset >= raw.num_hidden_layers || raw.attn_layer_period === 1) {
    throw unsupportedCheckpoint(file, 'it has no attention layer, or nothing else; both kinds of layers are needed')
  }
}

function checkConsistent(file: string, raw: RawConfig): void {
  const fail = (reason: string) => {
    throw invalidCheckpoint(file, reason)
  }
  if (raw.hidden_size % raw.num_attention_heads !== 0) {
    fail(`hidden_size ${raw.hidden_size} is no multiple of num_attention_heads ${raw.num_attention_heads}`)
  }
  if (raw.num_attention_heads % raw.num_key_value_heads !== 0) {
    fail(`num_attention_heads ${raw.num_attention_heads} is no multiple of num_key_value_heads ${raw.num_key_value_heads}`)
  }
  if (raw.attn_layer_offset >= raw.attn_layer_period) {
    fail(`attn_layer_offset ${raw.attn_layer_offset} should be less than attn_layer_period ${raw.attn_layer_period}`)
  }
  if (raw.expert_layer_offset >= raw.expert_layer_period) {
    fail(`expert_layer_offset ${raw.expert_layer_offset} should be less than expert_layer_period ${raw.expert_layer_period}`)
  }
  if (raw.num_experts_per_tok > raw.num_experts) {
    fail(`num_experts_per_tok ${raw.num_experts_per_tok} is more than num_experts ${raw.num_experts}`)
  }
}

/** Absent means "2d" for this model: the training code never writes the key (LONGLLAVA-FORMAT section 1). */
function poolingOf(file: string, raw: RawConfig): Pooling {
  const pooling = raw.resamplePooling ?? '2d'
  if (pooling === '2d' || pooling === '1d' || pooling === 'none') return pooling
  throw unsupportedCheckpoint(file, `resamplePooling is "${pooling}"; 2d, 1d and none are supported`)
}

function checkTokenIds(file: string, config: LanguageConfig): void {
  for (const id of [config.bosId, config.padId, ...config.endIds]) {
    if (id !== undefined && id >= config.vocabularySize) {
      throw invalidCheckpoint(file, `token id ${id} is beyond vocab_size ${config.vocabularySize}`)
    }
  }
}

/**
 * Reads config.json (and the token ids of generation_config.json, which win) of a checkpoint folder.
 * throws: checkpoint_invalid naming file and key; checkpoint_unsupported for another architecture or switch.
 */
export async function readLanguageConfig(folder: string): Promise<LanguageConfig> {
  const file = join(folder, CONFIG_FILE)
  const json = await readJson(file, z.looseObject({}))
  checkArchitecture(file, json)
  const raw = checkValue(file, json, configSchema)
  checkSupported(file, raw)
  checkConsistent(file, raw)
  const generationFile = join(folder, GENERATION_FILE)
  const generation = (await fileExists(generationFile)) ? await readJson(generationFile, generationSchema) : {}
  const endIds = generation.eos_token_id ?? raw.eos_token_id
  if (endIds === undefined || endIds === null) throw invalidCheckpoint(file, 'eos_token_id: it is missing')
  const config: LanguageConfig = {
    file,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    kvHeads: raw.num_key_value_heads,
    vocabularySize: raw.vocab_size,
    contextLength: raw.max_position_embeddings ?? raw.n_ctx ?? 262_144,
    rmsNormEps: raw.rms_norm_eps,
    tiedEmbeddings: raw.tie_word_embeddings,
    experts: raw.num_experts,
    expertsPerToken: raw.num_experts_per_tok,
    stateSize: raw.mamba_d_state,
    convolutionSize: raw.mamba_d_conv,
    innerSize: raw.mamba_expand * raw.hidden_size,
    timeStepRank: raw.mamba_dt_rank === 'auto' ? Math.ceil(raw.hidden_size / 16) : raw.mamba_dt_rank,
    bosId: generation.bos_token_id ?? raw.bos_token_id ?? undefined,
    padId: raw.pad_token_id ?? undefined,
    endIds,
    visionTower: raw.mm_vision_tower ?? undefined,
    visionWidth: raw.mm_hidden_size,
    selectLayer: raw.mm_vision_select_layer,
    pooling: poolingOf(file, raw),
    aspect: (raw.image_aspect_ratio ?? 'pad') === 'pad' ? 'pad' : 'crop',
    isAttention: (layer) => layer % raw.attn_layer_period === raw.attn_layer_offset,
    hasExperts: (layer) => raw.num_experts > 1 && layer % raw.expert_layer_period === raw.expert_layer_offset,
  }
  checkTokenIds(file, config)
  return config
}
