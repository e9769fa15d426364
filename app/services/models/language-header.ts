import { TokenType } from '../../domain/tokenizer/tokenizer-data'
import type { TokenizerData } from '../../domain/tokenizer/tokenizer-data'
import { checkTensors } from './gguf/metadata-reader'
import type { ExpectedTensor, MetadataReader } from './gguf/metadata-reader'

/** Sizes of the language model, from the metadata of `language.gguf`. */
export interface LanguageSizes {
  readonly layers: number
  readonly embeddingLength: number
  readonly feedForwardLength: number
  readonly heads: number
  /** By layer; 0 marks a Mamba layer. */
  readonly kvHeads: readonly number[]
  readonly experts: number
  readonly stateSize: number
  readonly convolutionSize: number
  readonly innerSize: number
  readonly timeStepRank: number
  readonly vocabularySize: number
  readonly contextLength: number
}

const MAX_SIZE = 16_777_216

/** Every jamba key that `convert` writes. llama.cpp asserts on values of others (rope, groups of experts …). */
const JAMBA_KEYS = new Set([
  'jamba.block_count',
  'jamba.context_length',
  'jamba.embedding_length',
  'jamba.feed_forward_length',
  'jamba.attention.head_count',
  'jamba.attention.head_count_kv',
  'jamba.attention.layer_norm_rms_epsilon',
  'jamba.ssm.conv_kernel',
  'jamba.ssm.inner_size',
  'jamba.ssm.state_size',
  'jamba.ssm.time_step_rank',
  'jamba.vocab_size',
  'jamba.expert_count',
  'jamba.expert_used_count',
])

/**
 * Reads the sizes and checks all that llama.cpp would answer with an abort: limits, divisibility, unknown keys.
 * throws: model_unsupported (another kind of model), model_invalid naming the key.
 */
export function readLanguageSizes(reader: MetadataReader): LanguageSizes {
  const architecture = reader.text('general.architecture')
  if (architecture !== 'jamba') reader.unsupported(`its architecture is "${architecture}"; "jamba" can be run`)
  if (!reader.has('longlens.format_version')) reader.unsupported('it was not made by "longlens convert"')
  const version = reader.integer('longlens.format_version', 0, 0xffffffff)
  if (version !== 1) reader.unsupported(`it is of format ${version}; this program reads format 1`)
  for (const key of reader.header.metadata.keys()) {
    // llama.cpp would go and open the other files of a split model.
    if (key.startsWith('split.')) reader.unsupported('it is one part of a split file')
    if (key.startsWith('jamba.') && !JAMBA_KEYS.has(key)) reader.invalid(`metadata key "${key}" is not known`)
  }
  const size = (key: string, max = MAX_SIZE) => reader.integer(`jamba.${key}`, 1, max)
  const hasExperts = reader.has('jamba.expert_count')
  const sizes: LanguageSizes = {
    layers: size('block_count', 512),
    embeddingLength: size('embedding_length'),
    feedForwardLength: size('feed_forward_length'),
    heads: size('attention.head_count'),
    kvHeads: reader.integers('jamba.attention.head_count_kv', 0, MAX_SIZE),
    experts: hasExperts ? size('expert_count', 1024) : 0,
    stateSize: size('ssm.state_size'),
    convolutionSize: size('ssm.conv_kernel'),
    innerSize: size('ssm.inner_size'),
    timeStepRank: size('ssm.time_step_rank'),
    vocabularySize: size('vocab_size'),
    contextLength: size('context_length', 0x7fffffff),
  }
  if (hasExperts) size('expert_used_count', sizes.experts)
  const epsilon = reader.number('jamba.attention.layer_norm_rms_epsilon')
  if (epsilon <= 0) reader.invalid('metadata key "jamba.attention.layer_norm_rms_epsilon" should be above 0')
  checkSizes(reader, sizes)
  return sizes
}

function checkSizes(reader: MetadataReader, sizes: LanguageSizes): void {
  const { layers, embeddingLength, heads, kvHeads, innerSize } = sizes
  if (embeddingLength % heads !== 0) {
    reader.invalid(`metadata key "jamba.attention.head_count" ${heads} does not divide the width ${embeddingLength}`)
  }
  const key = 'metadata key "jamba.attention.head_count_kv"'
  if (kvHeads.length !== layers) reader.invalid(`${key} has ${kvHeads.length} entries for ${layers} layers`)
  const wrong = kvHeads.find((count) => count !== 0 && heads % count !== 0)
  if (wrong !== undefined) reader.invalid(`${key} holds ${wrong}, which does not divide ${heads} heads`)
  if (innerSize !== 2 * embeddingLength) {
    reader.invalid(`metadata key "jamba.ssm.inner_size" should be ${2 * embeddingLength}, but is ${innerSize}`)
  }
}

function mixerTensors(sizes: LanguageSizes, layer: number): ExpectedTensor[] {
  const { embeddingLength: h, heads, stateSize: n, innerSize: di, timeStepRank: r, convolutionSize: kw } = sizes
  const at = `blk.${layer}.`
  const kvHeads = sizes.kvHeads[layer] ?? 0
  if (kvHeads > 0) {
    const kv = (h / heads) * kvHeads
    return [
      { name: `${at}attn_q.weight`, shape: [h, h], kind: 'matrix' },
      { name: `${at}attn_k.weight`, shape: [h, kv], kind: 'matrix' },
      { name: `${at}attn_v.weight`, shape: [h, kv], kind: 'matrix' },
      { name: `${at}attn_output.weight`, shape: [h, h], kind: 'matrix' },
    ]
  }
  return [
    { name: `${at}ssm_in.weight`, shape: [h, 2 * di], kind: 'matrix' },
    { name: `${at}ssm_conv1d.weight`, shape: [kw, di], kind: 'vector' },
    { name: `${at}ssm_conv1d.bias`, shape: [di], kind: 'vector' },
    { name: `${at}ssm_x.weight`, shape: [di, r + 2 * n], kind: 'matrix' },
    { name: `${at}ssm_dt_norm.weight`, shape: [r], kind: 'vector' },
    { name: `${at}ssm_dt.weight`, shape: [r, di], kind: 'matrix' },
    { name: `${at}ssm_dt.bias`, shape: [di], kind: 'vector' },
    { name: `${at}ssm_b_norm.weight`, shape: [n], kind: 'vector' },
    { name: `${at}ssm_c_norm.weight`, shape: [n], kind: 'vector' },
    { name: `${at}ssm_a`, shape: [n, di], kind: 'vector' },
    { name: `${at}ssm_d`, shape: [di], kind: 'vector' },
    { name: `${at}ssm_out.weight`, shape: [di, h], kind: 'matrix' },
  ]
}

/** A layer holds experts exactly when it has a router. */
function feedForwardTensors(sizes: LanguageSizes, layer: number, hasRouter: boolean): ExpectedTensor[] {
  const { embeddingLength: h, feedForwardLength: wide, experts } = sizes
  const at = `blk.${layer}.`
  if (!hasRouter) {
    return [
      { name: `${at}ffn_gate.weight`, shape: [h, wide], kind: 'matrix' },
      { name: `${at}ffn_down.weight`, shape: [wide, h], kind: 'matrix' },
      { name: `${at}ffn_up.weight`, shape: [h, wide], kind: 'matrix' },
    ]
  }
  return [
    { name: `${at}ffn_gate_inp.weight`, shape: [h, experts], kind: 'vector' },
    { name: `${at}ffn_gate_exps.weight`, shape: [h, wide, experts], kind: 'matrix' },
    { name: `${at}ffn_down_exps.weight`, shape: [wide, h, experts], kind: 'matrix' },
    { name: `${at}ffn_up_exps.weight`, shape: [h, wide, experts], kind: 'matrix' },
  ]
}

/** throws: model_invalid naming the tensor that is missing, unknown, or of another shape or type. */
export function checkLanguageTensors(reader: MetadataReader, sizes: LanguageSizes): void {
  const { embeddingLength: h, vocabularySize } = sizes
  const expected: ExpectedTensor[] = [
    { name: 'token_embd.weight', shape: [h, vocabularySize], kind: 'matrix' },
    { name: 'output_norm.weight', shape: [h], kind: 'vector' },
    { name: 'output.weight', shape: [h, vocabularySize], kind: 'matrix', optional: true },
  ]
  for (let layer = 0; layer < sizes.layers; layer++) {
    const hasRouter = reader.header.tensors.has(`blk.${layer}.ffn_gate_inp.weight`)
    expected.push(
      { name: `blk.${layer}.attn_norm.weight`, shape: [h], kind: 'vector' },
      ...mixerTensors(sizes, layer),
      { name: `blk.${layer}.ffn_norm.weight`, shape: [h], kind: 'vector' },
      ...feedForwardTensors(sizes, layer, hasRouter),
    )
  }
  checkTensors(reader, expected)
}

/**
 * The vocabulary of `language.gguf`; null for a model without one.
 * throws: model_unsupported (another kind of tokenizer), model_invalid naming the key.
 */
export function readTokenizerData(reader: MetadataReader, vocabularySize: number): TokenizerData | null {
  const model = reader.text('tokenizer.ggml.model')
  if (model === 'no_vocab') return null
  if (model !== 'llama' && model !== 't5') reader.unsupported(`its tokenizer is "${model}"`)
  if (reader.has('tokenizer.ggml.precompiled_charsmap')) reader.unsupported('its tokenizer rewrites characters')
  if (reader.flag('tokenizer.ggml.remove_extra_whitespaces')) reader.unsupported('its tokenizer removes repeated spaces')
  const stored = reader.texts('tokenizer.ggml.tokens')
  const scores = reader.floats('tokenizer.ggml.scores')
  const types = reader.integers('tokenizer.ggml.token_type', TokenType.normal, TokenType.byte)
  for (const [key, { length }] of Object.entries({ tokens: stored, scores, token_type: types })) {
    if (length === vocabularySize) continue
    reader.invalid(`metadata key "tokenizer.ggml.${key}" has ${length} entries; the vocabulary has ${vocabularySize}`)
  }
  // llama.cpp aborts on a piece that occurs twice.
  if (new Set(stored).size !== stored.length || stored.includes('')) {
    reader.invalid('metadata key "tokenizer.ggml.tokens" holds an empty piece or one piece twice')
  }
  const id = (name: string) => reader.integer(`tokenizer.ggml.${name}`, 0, vocabularySize - 1)
  return {
    model: model === 'llama' ? 'bpe' : 'unigram',
    // User-defined pieces are stored with plain spaces (docs/model-format.md).
    pieces: stored.map((piece, i) => (types[i] === TokenType.userDefined ? piece.replaceAll(' ', '\u2581') : piece)),
    scores,
    types,
    addSpacePrefix: reader.flag('tokenizer.ggml.add_space_prefix'),
    byteFallback: reader.flag('longlens.tokenizer.byte_fallback'),
    unkId: id('unknown_token_id'),
    ...(reader.has('tokenizer.ggml.bos_token_id') ? { bosId: id('bos_token_id') } : {}),
    ...(reader.has('tokenizer.ggml.eos_token_id') ? { eosId: id('eos_token_id') } : {}),
    specials: reader.integers('longlens.tokenizer.specials', 0, vocabularySize - 1),
  }
}
