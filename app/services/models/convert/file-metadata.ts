import { TokenType } from '../../../domain/tokenizer/tokenizer-data'
import type { TokenizerData } from '../../../domain/tokenizer/tokenizer-data'
import type { LanguageConfig } from '../checkpoint/language-config'
import type { VisionConfig } from '../checkpoint/vision-config'
import type { GgufValue } from '../gguf/gguf-types'
import type { ModelManners } from './presets'
import type { PlannedTensor } from './tensor-plan'

/** docs/model-format.md lists every key with its meaning. */

/** Stands for a space in SentencePiece's pieces. */
const SPACE_MARK = '\u2581'

type Entries = [string, GgufValue][]

const u32 = (value: number): GgufValue => ({ type: 'u32', value })
const i32 = (value: number): GgufValue => ({ type: 'i32', value })
const f32 = (value: number): GgufValue => ({ type: 'f32', value })
const bool = (value: boolean): GgufValue => ({ type: 'bool', value })
const text = (value: string): GgufValue => ({ type: 'string', value })
const texts = (value: readonly string[]): GgufValue => ({ type: 'array', of: 'string', value })
const i32s = (value: readonly number[]): GgufValue => ({ type: 'array', of: 'i32', value: Int32Array.from(value) })
const u32s = (value: readonly number[]): GgufValue => ({ type: 'array', of: 'u32', value: Uint32Array.from(value) })
const f32s = (value: readonly number[]): GgufValue => ({ type: 'array', of: 'f32', value: Float32Array.from(value) })

/** llama.cpp's `general.file_type`: what most weights are. Quantizing writes its own. */
const fileTypes = { F32: 0, F16: 1, Q8_0: 7, BF16: 32 } as const

function fileType(tensors: readonly PlannedTensor[]): GgufValue {
  const largest = tensors.reduce<PlannedTensor | undefined>((best, tensor) => {
    const elements = (of: PlannedTensor) => of.shape.reduce((product, size) => product * size, 1)
    return best === undefined || elements(tensor) > elements(best) ? tensor : best
  }, undefined)
  return u32(fileTypes[largest?.type ?? 'F32'])
}

function jambaEntries(config: LanguageConfig): Entries {
  const layers = Array.from({ length: config.layers }, (_, layer) => layer)
  const entries: Entries = [
    ['jamba.block_count', u32(config.layers)],
    ['jamba.context_length', u32(config.contextLength)],
    ['jamba.embedding_length', u32(config.hiddenSize)],
    ['jamba.feed_forward_length', u32(config.intermediateSize)],
    ['jamba.attention.head_count', u32(config.heads)],
    // 0 marks a Mamba layer.
    ['jamba.attention.head_count_kv', i32s(layers.map((layer) => (config.isAttention(layer) ? config.kvHeads : 0)))],
    ['jamba.attention.layer_norm_rms_epsilon', f32(config.rmsNormEps)],
    ['jamba.ssm.conv_kernel', u32(config.convolutionSize)],
    ['jamba.ssm.inner_size', u32(config.innerSize)],
    ['jamba.ssm.state_size', u32(config.stateSize)],
    ['jamba.ssm.time_step_rank', u32(config.timeStepRank)],
    ['jamba.vocab_size', u32(config.vocabularySize)],
  ]
  if (config.experts > 1) {
    entries.push(['jamba.expert_count', u32(config.experts)], ['jamba.expert_used_count', u32(config.expertsPerToken)])
  }
  return entries
}

/**
 * llama.cpp reads and writes user-defined pieces as they are, where it turns the U+2581 of normal ones into spaces:
 * its own converter stores them with spaces, too.
 */
function storedPieces({ pieces, types }: TokenizerData): string[] {
  return pieces.map((piece, id) => (types[id] === TokenType.userDefined ? piece.replaceAll(SPACE_MARK, ' ') : piece))
}

/** llama.cpp's keys, and two of our own for what it does not record. Nothing is ever added in front of a text. */
function tokenizerEntries(tokenizer: TokenizerData | null, config: LanguageConfig): Entries {
  if (tokenizer === null) return [['tokenizer.ggml.model', text('no_vocab')]]
  const entries: Entries = [
    ['tokenizer.ggml.model', text(tokenizer.model === 'bpe' ? 'llama' : 't5')],
    ['tokenizer.ggml.pre', text('default')],
    ['tokenizer.ggml.tokens', texts(storedPieces(tokenizer))],
    ['tokenizer.ggml.scores', f32s(Array.from(tokenizer.scores))],
    ['tokenizer.ggml.token_type', i32s(Array.from(tokenizer.types))],
    ['tokenizer.ggml.unknown_token_id', u32(tokenizer.unkId)],
    ['tokenizer.ggml.add_space_prefix', bool(tokenizer.addSpacePrefix)],
    ['tokenizer.ggml.remove_extra_whitespaces', bool(false)],
    ['tokenizer.ggml.add_bos_token', bool(false)],
    ['tokenizer.ggml.add_eos_token', bool(false)],
    ['longlens.tokenizer.byte_fallback', bool(tokenizer.byteFallback)],
    ['longlens.tokenizer.specials', u32s(tokenizer.specials)],
  ]
  if (tokenizer.bosId !== undefined) entries.push(['tokenizer.ggml.bos_token_id', u32(tokenizer.bosId)])
  if (tokenizer.eosId !== undefined) entries.push(['tokenizer.ggml.eos_token_id', u32(tokenizer.eosId)])
  if (config.padId !== undefined) entries.push(['tokenizer.ggml.padding_token_id', u32(config.padId)])
  return entries
}

function promptEntries({ prompt }: ModelManners): Entries {
  const { image, video, tiles } = prompt
  return [
    ['longlens.prompt.user_before', text(prompt.userBefore)],
    ['longlens.prompt.user_after', text(prompt.userAfter)],
    ['longlens.prompt.assistant_before', text(prompt.assistantBefore)],
    ['longlens.prompt.assistant_after', text(prompt.assistantAfter)],
    ['longlens.prompt.reply_before', text(prompt.replyBefore)],
    ['longlens.prompt.question_before', text(prompt.questionBefore)],
    ['longlens.prompt.image.before', text(image.before)],
    ['longlens.prompt.image.after', text(image.after)],
    ['longlens.prompt.image.terminator', text(image.terminator)],
    ['longlens.prompt.video.before', text(video.before)],
    ['longlens.prompt.video.frame_before', text(video.frameBefore)],
    ['longlens.prompt.video.frame_after', text(video.frameAfter)],
    ['longlens.prompt.video.last_frame_after', text(video.lastFrameAfter)],
    ['longlens.prompt.video.separator', text(video.separator)],
    ['longlens.prompt.video.after', text(video.after)],
    ['longlens.prompt.video.label', text(video.label)],
    ['longlens.prompt.video.label_place', text(video.labelPlace)],
    ['longlens.prompt.tiles.before', text(tiles.before)],
    ['longlens.prompt.tiles.whole_after', text(tiles.wholeAfter)],
    ['longlens.prompt.tiles.tile_before', text(tiles.tileBefore)],
    ['longlens.prompt.tiles.tile_after', text(tiles.tileAfter)],
    ['longlens.prompt.tiles.row_separator', text(tiles.rowSeparator)],
    ['longlens.prompt.tiles.after', text(tiles.after)],
  ]
}

function samplingEntries({ sampling, minTokens, video }: ModelManners): Entries {
  return [
    ['general.sampling.temp', f32(sampling.temperature)],
    ['general.sampling.top_k', i32(sampling.topK)],
    ['general.sampling.top_p', f32(sampling.topP)],
    ['general.sampling.min_p', f32(sampling.minP)],
    ['general.sampling.penalty_repeat', f32(sampling.repetitionPenalty)],
    ['longlens.sampling.max_tokens', u32(sampling.maxTokens)],
    ['longlens.sampling.min_tokens', u32(minTokens)],
    ['longlens.video.interval_seconds', f32(video.intervalSeconds)],
    ['longlens.video.max_frames', u32(video.maxFrames)],
  ]
}

export interface LanguageFileFacts {
  readonly config: LanguageConfig
  readonly tokenizer: TokenizerData | null
  readonly manners: ModelManners
  readonly name: string
  readonly license: string
  readonly tensors: readonly PlannedTensor[]
}

/** The metadata of `language.gguf`. */
export function languageMetadata(facts: LanguageFileFacts): Map<string, GgufValue> {
  const { config, tokenizer, manners, name, license, tensors } = facts
  return new Map([
    ['general.architecture', text('jamba')],
    ['general.type', text('model')],
    ['general.name', text(name)],
    ['general.license', text(license)],
    ['general.description', text(manners.about)],
    ['general.file_type', fileType(tensors)],
    ...jambaEntries(config),
    ...tokenizerEntries(tokenizer, config),
    ['longlens.format_version', u32(1)],
    ['longlens.abilities', texts(manners.abilities)],
    ['longlens.end_tokens', u32s(config.endIds)],
    ...promptEntries(manners),
    ...samplingEntries(manners),
  ] satisfies Entries)
}

export interface VisionFileFacts {
  readonly config: LanguageConfig
  readonly vision: VisionConfig
  readonly name: string
  readonly license: string
  /** Layers that are stored and run. */
  readonly blocks: number
  readonly tensors: readonly PlannedTensor[]
}

/** The metadata of `vision.gguf`. */
export function visionMetadata(facts: VisionFileFacts): Map<string, GgufValue> {
  const { config, vision, name, license, blocks, tensors } = facts
  return new Map([
    ['general.architecture', text('longlens-vision')],
    ['general.type', text('mmproj')],
    ['general.name', text(name)],
    ['general.license', text(license)],
    ['general.file_type', fileType(tensors)],
    ['longlens.format_version', u32(1)],
    ['longlens.vision.image_size', u32(vision.imageSize)],
    ['longlens.vision.patch_size', u32(vision.patchSize)],
    ['longlens.vision.embedding_length', u32(vision.width)],
    ['longlens.vision.feed_forward_length', u32(vision.intermediateSize)],
    ['longlens.vision.head_count', u32(vision.heads)],
    ['longlens.vision.block_count', u32(blocks)],
    ['longlens.vision.layer_norm_epsilon', f32(vision.layerNormEps)],
    ['longlens.vision.activation', text(vision.activation)],
    ['longlens.vision.select_layer', i32(config.selectLayer)],
    ['longlens.vision.has_class_embedding', bool(true)],
    ['longlens.vision.pooling', text(config.pooling)],
    ['longlens.vision.pooling_factor', u32(2)],
    ['longlens.vision.projector', text('mlp2x_gelu')],
    ['longlens.vision.projection_length', u32(config.hiddenSize)],
    ['longlens.image.aspect', text(config.aspect)],
    ['longlens.image.mean', f32s(vision.mean)],
    ['longlens.image.std', f32s(vision.std)],
  ] satisfies Entries)
}
