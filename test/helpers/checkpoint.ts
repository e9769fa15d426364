import { mkdir, open, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes checkpoints in the official LongLLaVA layout (LONGLLAVA-FORMAT sections 1 to 3) with made-up weights, from
 * a few kilobytes to many gigabytes.
 */

export interface CheckpointSizes {
  readonly hidden: number
  readonly intermediate: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly vocabulary: number
  readonly experts: number
  readonly attentionPeriod: number
  readonly attentionOffset: number
  readonly state: number
  readonly convolution: number
  readonly timeStepRank: number
  readonly tower: {
    readonly width: number
    readonly intermediate: number
    readonly layers: number
    readonly heads: number
    readonly image: number
    readonly patch: number
  }
}

/** The smallest that still has every kind of layer: Mamba, attention at layer 1. */
export const smallSizes: CheckpointSizes = {
  hidden: 32,
  intermediate: 64,
  layers: 3,
  heads: 4,
  kvHeads: 2,
  vocabulary: 40,
  experts: 1,
  attentionPeriod: 3,
  attentionOffset: 1,
  state: 4,
  convolution: 4,
  timeStepRank: 2,
  tower: { width: 32, intermediate: 64, layers: 3, heads: 2, image: 28, patch: 7 },
}

export interface LayoutTensor {
  readonly name: string
  readonly shape: readonly number[]
}

const EXPERT_PERIOD = 2
const EXPERT_OFFSET = 1

function mixer(sizes: CheckpointSizes, layer: number): LayoutTensor[] {
  const { hidden: h, state: n, timeStepRank: r, convolution: kw } = sizes
  const at = `model.layers.${layer}.`
  if (layer % sizes.attentionPeriod === sizes.attentionOffset) {
    const kv = (h / sizes.heads) * sizes.kvHeads
    return [
      { name: `${at}self_attn.q_proj.weight`, shape: [h, h] },
      { name: `${at}self_attn.k_proj.weight`, shape: [kv, h] },
      { name: `${at}self_attn.v_proj.weight`, shape: [kv, h] },
      { name: `${at}self_attn.o_proj.weight`, shape: [h, h] },
    ]
  }
  const di = 2 * h
  return [
    { name: `${at}mamba.in_proj.weight`, shape: [2 * di, h] },
    { name: `${at}mamba.conv1d.weight`, shape: [di, 1, kw] },
    { name: `${at}mamba.conv1d.bias`, shape: [di] },
    { name: `${at}mamba.x_proj.weight`, shape: [r + 2 * n, di] },
    { name: `${at}mamba.dt_proj.weight`, shape: [di, r] },
    { name: `${at}mamba.dt_proj.bias`, shape: [di] },
    { name: `${at}mamba.A_log`, shape: [di, n] },
    { name: `${at}mamba.D`, shape: [di] },
    { name: `${at}mamba.out_proj.weight`, shape: [h, di] },
    { name: `${at}mamba.dt_layernorm.weight`, shape: [r] },
    { name: `${at}mamba.B_layernorm.weight`, shape: [n] },
    { name: `${at}mamba.C_layernorm.weight`, shape: [n] },
  ]
}

function feedForward(sizes: CheckpointSizes, layer: number): LayoutTensor[] {
  const { hidden: h, intermediate: wide, experts } = sizes
  const at = `model.layers.${layer}.moe.`
  const hasExperts = experts > 1 && layer % EXPERT_PERIOD === EXPERT_OFFSET
  const tensors: LayoutTensor[] = hasExperts ? [{ name: `${at}router.weight`, shape: [experts, h] }] : []
  for (let expert = 0; expert < (hasExperts ? experts : 1); expert++) {
    tensors.push(
      { name: `${at}experts.${expert}.gate_proj.weight`, shape: [wide, h] },
      { name: `${at}experts.${expert}.up_proj.weight`, shape: [wide, h] },
      { name: `${at}experts.${expert}.down_proj.weight`, shape: [h, wide] },
    )
  }
  return tensors
}

export function languageLayout(sizes: CheckpointSizes): LayoutTensor[] {
  const { hidden: h, vocabulary, tower } = sizes
  const tensors: LayoutTensor[] = [{ name: 'model.embed_tokens.weight', shape: [vocabulary, h] }]
  for (let layer = 0; layer < sizes.layers; layer++) {
    tensors.push(
      { name: `model.layers.${layer}.input_layernorm.weight`, shape: [h] },
      { name: `model.layers.${layer}.pre_moe_layernorm.weight`, shape: [h] },
      ...mixer(sizes, layer),
      ...feedForward(sizes, layer),
    )
  }
  return [
    ...tensors,
    { name: 'model.final_layernorm.weight', shape: [h] },
    { name: 'lm_head.weight', shape: [vocabulary, h] },
    { name: 'model.mm_projector.0.weight', shape: [h, tower.width] },
    { name: 'model.mm_projector.0.bias', shape: [h] },
    { name: 'model.mm_projector.2.weight', shape: [h, h] },
    { name: 'model.mm_projector.2.bias', shape: [h] },
  ]
}

export function towerLayout({ tower }: CheckpointSizes): LayoutTensor[] {
  const { width, intermediate, layers, image, patch } = tower
  const norm = (name: string): LayoutTensor[] => [
    { name: `${name}.weight`, shape: [width] },
    { name: `${name}.bias`, shape: [width] },
  ]
  const linear = (name: string, from: number, to: number): LayoutTensor[] => [
    { name: `${name}.weight`, shape: [to, from] },
    { name: `${name}.bias`, shape: [to] },
  ]
  const tensors: LayoutTensor[] = [
    { name: 'vision_model.embeddings.class_embedding', shape: [width] },
    { name: 'vision_model.embeddings.patch_embedding.weight', shape: [width, 3, patch, patch] },
    { name: 'vision_model.embeddings.position_embedding.weight', shape: [(image / patch) ** 2 + 1, width] },
    ...norm('vision_model.pre_layrnorm'),
    ...norm('vision_model.post_layernorm'),
  ]
  for (let layer = 0; layer < layers; layer++) {
    const at = `vision_model.encoder.layers.${layer}.`
    tensors.push(...norm(`${at}layer_norm1`), ...norm(`${at}layer_norm2`))
    for (const part of ['q', 'k', 'v', 'out'])
      tensors.push(...linear(`${at}self_attn.${part}_proj`, width, width))
    tensors.push(
      ...linear(`${at}mlp.fc1`, width, intermediate),
      ...linear(`${at}mlp.fc2`, intermediate, width),
    )
  }
  return tensors
}

/** The names of later Jamba releases. */
export function laterName(name: string): string {
  return name
    .replace('pre_moe_layernorm', 'pre_ff_layernorm')
    .replace('mamba.B_layernorm', 'mamba.b_layernorm')
    .replace('mamba.C_layernorm', 'mamba.c_layernorm')
    .replace('.moe.', '.feed_forward.')
}

export function languageConfig(sizes: CheckpointSizes): Record<string, unknown> {
  return {
    architectures: ['LlavaJambaForCausalLM'],
    model_type: 'llava_jamba',
    hidden_size: sizes.hidden,
    intermediate_size: sizes.intermediate,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.kvHeads,
    vocab_size: sizes.vocabulary,
    attn_layer_period: sizes.attentionPeriod,
    attn_layer_offset: sizes.attentionOffset,
    expert_layer_period: EXPERT_PERIOD,
    expert_layer_offset: EXPERT_OFFSET,
    num_experts: sizes.experts,
    num_experts_per_tok: sizes.experts > 1 ? 2 : 1,
    mamba_d_state: sizes.state,
    mamba_d_conv: sizes.convolution,
    mamba_dt_rank: sizes.timeStepRank,
    mamba_expand: 2,
    rms_norm_eps: 1e-6,
    n_ctx: 262144,
    bos_token_id: 1,
    eos_token_id: 2,
    pad_token_id: 0,
    mm_vision_tower: './models/clip',
    mm_projector_type: 'mlp2x_gelu',
    mm_hidden_size: sizes.tower.width,
    mm_vision_select_layer: -2,
    mm_vision_select_feature: 'patch',
    image_aspect_ratio: 'pad',
    resamplePooling: '2d',
  }
}

export function towerConfig({ tower }: CheckpointSizes): Record<string, unknown> {
  return {
    model_type: 'clip_vision_model',
    hidden_size: tower.width,
    intermediate_size: tower.intermediate,
    num_hidden_layers: tower.layers,
    num_attention_heads: tower.heads,
    image_size: tower.image,
    patch_size: tower.patch,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
  }
}

export function preprocessorConfig({ tower }: CheckpointSizes): Record<string, unknown> {
  return {
    size: { shortest_edge: tower.image },
    crop_size: { height: tower.image, width: tower.image },
    image_mean: [0.5, 0.4, 0.3],
    image_std: [0.25, 0.26, 0.27],
    resample: 3,
  }
}

export type SyntheticType = 'F32' | 'F16' | 'BF16'

/** Bytes of one tensor, repeated from a block of small finite values; the same for the same name. */
function valueBlock(name: string, type: SyntheticType): Buffer {
  let seed = 2166136261
  for (const character of name) seed = Math.imul(seed ^ (character.codePointAt(0) ?? 0), 16777619)
  const values = Float32Array.from({ length: 4096 }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0
    return seed / 2 ** 32 / 8
  })
  if (type === 'F32') return Buffer.from(values.buffer)
  const bits = new Uint32Array(values.buffer)
  // Truncated bf16, or an f16 with the exponent of 2^-8 … 2^-1: any bit pattern will do.
  const halves = Uint16Array.from(bits, (word) => (type === 'BF16' ? word >>> 16 : (word & 0x83ff) | 0x2c00))
  return Buffer.from(halves.buffer)
}

async function writeValues(
  file: FileHandle,
  name: string,
  type: SyntheticType,
  bytes: number,
): Promise<void> {
  const block = valueBlock(name, type)
  const large = Buffer.concat(
    Array.from({ length: Math.min(512, Math.ceil(bytes / block.length)) }, () => block),
  )
  for (let done = 0; done < bytes;) {
    const { bytesWritten } = await file.write(large, 0, Math.min(large.length, bytes - done))
    done += bytesWritten
  }
}

export interface SafetensorsOptions {
  readonly type: SyntheticType
  /** Only as long as the values would be, without writing any: for sizes beyond the disk. */
  readonly sparse?: boolean
  /** Bytes written instead of made-up values. */
  readonly values?: ReadonlyMap<string, Uint8Array>
}

/** Writes one safetensors file with made-up values, streaming. */
export async function writeSafetensors(
  path: string,
  tensors: readonly LayoutTensor[],
  options: SafetensorsOptions,
): Promise<number> {
  const elementBytes = options.type === 'F32' ? 4 : 2
  let offset = 0
  const sizes = tensors.map(({ shape }) => shape.reduce((product, size) => product * size, elementBytes))
  const entries = tensors.map(({ name, shape }, i) => {
    const begin = offset
    offset += sizes[i] ?? 0
    return [name, { dtype: options.type, shape, data_offsets: [begin, offset] }] as const
  })
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const file = await open(path, 'w')
  try {
    await file.write(Buffer.concat([length, json]))
    if (options.sparse === true) {
      await file.truncate(8 + json.length + offset)
      return offset
    }
    for (const [i, { name }] of tensors.entries()) {
      const given = options.values?.get(name)
      if (given === undefined) await writeValues(file, name, options.type, sizes[i] ?? 0)
      else await file.write(given)
    }
  } finally {
    await file.close()
  }
  return offset
}

/** Writes weights as several files with their index. */
export async function writeShards(
  folder: string,
  tensors: readonly LayoutTensor[],
  shards: number,
  options: SafetensorsOptions,
): Promise<void> {
  const perShard = Math.ceil(tensors.length / shards)
  const weightMap: Record<string, string> = {}
  let total = 0
  for (let shard = 0; shard < shards; shard++) {
    const number = (value: number) => String(value).padStart(5, '0')
    const name = `model-${number(shard + 1)}-of-${number(shards)}.safetensors`
    const part = tensors.slice(shard * perShard, (shard + 1) * perShard)
    total += await writeSafetensors(join(folder, name), part, options)
    for (const tensor of part) weightMap[tensor.name] = name
  }
  const index = { metadata: { total_size: total }, weight_map: weightMap }
  await writeJson(join(folder, 'model.safetensors.index.json'), index)
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, JSON.stringify(value))
}

export interface CheckpointOptions {
  readonly sizes?: CheckpointSizes
  readonly type?: SyntheticType
  /** Names of later Jamba releases. */
  readonly laterNames?: boolean
  /** Number of weight files; 1 has no index. */
  readonly shards?: number
  /** Also put the tower into the checkpoint. */
  readonly innerTower?: boolean
  readonly sparse?: boolean
  readonly values?: ReadonlyMap<string, Uint8Array>
  /** Changes to config.json. */
  readonly config?: Readonly<Record<string, unknown>>
}

/** Tensors of a checkpoint with these options, in order. */
export function checkpointLayout(options: CheckpointOptions): LayoutTensor[] {
  const sizes = options.sizes ?? smallSizes
  const language = languageLayout(sizes).map(({ name, shape }) => {
    if (options.laterNames !== true) return { name, shape }
    // A dense layer has no experts under the later names.
    const later = laterName(name)
    const isDense = sizes.experts === 1 || !isExpertLayer(name)
    return { name: isDense ? later.replace('experts.0.', '') : later, shape }
  })
  const inner = towerLayout(sizes).map(({ name, shape }) => ({
    name: `model.vision_tower.vision_tower.${name}`,
    shape,
  }))
  return options.innerTower === true ? [...language, ...inner] : language
}

function isExpertLayer(name: string): boolean {
  const layer = Number(/layers\.(\d+)\./u.exec(name)?.[1] ?? 0)
  return layer % EXPERT_PERIOD === EXPERT_OFFSET
}

/** A checkpoint folder without a tokenizer, and a tower folder. */
export async function writeCheckpoint(folder: string, options: CheckpointOptions = {}): Promise<void> {
  const sizes = options.sizes ?? smallSizes
  await mkdir(folder, { recursive: true })
  await writeJson(join(folder, 'config.json'), { ...languageConfig(sizes), ...options.config })
  const write: SafetensorsOptions = {
    type: options.type ?? 'BF16',
    ...(options.sparse === undefined ? {} : { sparse: options.sparse }),
    ...(options.values === undefined ? {} : { values: options.values }),
  }
  const layout = checkpointLayout(options)
  if ((options.shards ?? 1) > 1) await writeShards(folder, layout, options.shards ?? 1, write)
  else await writeSafetensors(join(folder, 'model.safetensors'), layout, write)
}

export async function writeTower(folder: string, sizes: CheckpointSizes = smallSizes): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeJson(join(folder, 'config.json'), towerConfig(sizes))
  await writeJson(join(folder, 'preprocessor_config.json'), preprocessorConfig(sizes))
  await writeSafetensors(join(folder, 'model.safetensors'), towerLayout(sizes), { type: 'F32' })
}
