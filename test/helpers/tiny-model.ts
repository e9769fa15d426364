import { writeGguf, type GgufTensor } from '../../app/services/models/gguf/gguf-writer'
import type { GgufMetadata, GgufValue } from '../../app/services/models/gguf/gguf-types'

/**
 * Made-up hybrid models for engine tests: llama.cpp's `jamba` with random weights that depend on the seed alone, and
 * a small SentencePiece vocabulary with byte pieces.
 */
export interface TinyModelShape {
  readonly width: number
  readonly feedForward: number
  /** Key/value heads by layer; 0 marks a Mamba layer. Query heads are width / 32. */
  readonly kvHeads: readonly number[]
  readonly contextLength: number
  readonly seed: number
  /** Pieces without meaning after the others, to make the vocabulary larger. */
  readonly extraPieces: number
  /**
   * Tokens that follow each other: after any of them but the last, the next one is by far the most likely, and so is
   * the first after the last. Each token may stand in it once.
   */
  readonly script?: readonly number[]
  /** Other pieces in the place of the bytes: nothing then spells a character that has no piece. */
  readonly lacksBytes?: boolean
}

export const tinyShape: TinyModelShape = {
  width: 64,
  feedForward: 128,
  kvHeads: [0, 2, 0, 0],
  contextLength: 4096,
  seed: 1,
  extraPieces: 0,
}

/** Large enough to be busy for a while: about 20 million parameters. */
export const busyShape: TinyModelShape = {
  width: 512,
  feedForward: 1024,
  kvHeads: [0, 0, 0, 0, 8, 0],
  contextLength: 65536,
  seed: 2,
  extraPieces: 0,
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
/** In the order of their ids: unknown, begin, end, a user-defined piece, 256 bytes, a space, letters, words. */
const PIECES: readonly { readonly text: string; readonly type: number }[] = [
  { text: '<unk>', type: 2 },
  { text: '<s>', type: 3 },
  { text: '</s>', type: 3 },
  { text: '<frame>', type: 4 },
  ...Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    type: 6,
  })),
  { text: '▁', type: 1 },
  ...Array.from(LETTERS).map((text) => ({ text, type: 1 })),
  ...['he', 'll', 'hell', 'hello', '▁w', 'or', '▁wor', 'ld', '▁world'].map((text) => ({ text, type: 1 })),
]

export const END_TOKEN = 2
/** The id of a piece as the vocabulary writes it, e.g. `▁world` or `<0xC3>`. */
export function pieceId(text: string): number {
  const id = PIECES.findIndex((piece) => piece.text === text)
  if (id < 0) throw new Error(`the tiny vocabulary has no piece "${text}"`)
  return id
}
/** The id of a byte's piece. */
export function byteId(byte: number): number {
  return byte + 4
}

/** Numbers in -1…1 that depend on `seed` and on nothing else (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * 2 - 1
  }
}

const u32 = (value: number): GgufValue => ({ type: 'u32', value })

function metadata(shape: TinyModelShape, pieces: readonly { text: string; type: number }[]): GgufMetadata {
  const jamba: Record<string, GgufValue> = {
    block_count: u32(shape.kvHeads.length),
    context_length: u32(shape.contextLength),
    embedding_length: u32(shape.width),
    feed_forward_length: u32(shape.feedForward),
    'attention.head_count': u32(shape.width / 32),
    'attention.head_count_kv': { type: 'array', of: 'i32', value: Int32Array.from(shape.kvHeads) },
    'attention.layer_norm_rms_epsilon': { type: 'f32', value: 1e-6 },
    'ssm.conv_kernel': u32(4),
    'ssm.inner_size': u32(shape.width * 2),
    'ssm.state_size': u32(16),
    'ssm.time_step_rank': u32(shape.width / 16),
  }
  const tokenizer: Record<string, GgufValue> = {
    model: { type: 'string', value: 'llama' },
    tokens: { type: 'array', of: 'string', value: pieces.map((piece) => piece.text) },
    scores: { type: 'array', of: 'f32', value: Float32Array.from(pieces, (_, id) => -id) },
    token_type: { type: 'array', of: 'i32', value: Int32Array.from(pieces, (piece) => piece.type) },
    bos_token_id: u32(1),
    eos_token_id: u32(END_TOKEN),
    unknown_token_id: u32(0),
    add_bos_token: { type: 'bool', value: false },
    add_eos_token: { type: 'bool', value: false },
    add_space_prefix: { type: 'bool', value: false },
  }
  return new Map<string, GgufValue>([
    ['general.architecture', { type: 'string', value: 'jamba' }],
    ['general.name', { type: 'string', value: 'made up for tests' }],
    ...Object.entries(jamba).map(([key, value]) => [`jamba.${key}`, value] as const),
    ...Object.entries(tokenizer).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const),
  ])
}

/** Makes tensors with values that suit their place in the network. */
class TensorMaker {
  readonly tensors: GgufTensor[] = []
  private readonly random: () => number

  constructor(seed: number) {
    this.random = randomNumbers(seed)
  }

  add(name: string, shape: readonly number[], valueAt: (index: number) => number): Float32Array {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1)).map((_, i) =>
      valueAt(i),
    )
    const bytes = new Uint8Array(values.buffer)
    this.tensors.push({ name, shape, type: 'F32', data: () => [bytes] })
    return values
  }

  /** A matrix whose products keep about the size of their input, times `gain`. */
  matrix(name: string, rowLength: number, rows: number, gain = 1): Float32Array {
    const scale = gain * Math.sqrt(3 / rowLength)
    return this.add(name, [rowLength, rows], () => this.random() * scale)
  }

  norm(name: string, length: number): void {
    this.add(name, [length], () => 1 + 0.1 * this.random())
  }

  small(name: string, length: number, centre = 0): void {
    this.add(name, [length], () => centre + 0.1 * this.random())
  }
}

function addMambaLayer(maker: TensorMaker, prefix: string, width: number, gain: number): void {
  const inner = width * 2
  const rank = width / 16
  maker.matrix(`${prefix}.ssm_in.weight`, width, 2 * inner)
  maker.matrix(`${prefix}.ssm_conv1d.weight`, 4, inner)
  maker.small(`${prefix}.ssm_conv1d.bias`, inner)
  maker.matrix(`${prefix}.ssm_x.weight`, inner, rank + 32)
  maker.norm(`${prefix}.ssm_dt_norm.weight`, rank)
  maker.norm(`${prefix}.ssm_b_norm.weight`, 16)
  maker.norm(`${prefix}.ssm_c_norm.weight`, 16)
  maker.matrix(`${prefix}.ssm_dt.weight`, rank, inner)
  maker.small(`${prefix}.ssm_dt.bias`, inner, -3)
  maker.add(`${prefix}.ssm_a`, [16, inner], (i) => -1 - (i % 16))
  maker.small(`${prefix}.ssm_d`, inner, 1)
  maker.matrix(`${prefix}.ssm_out.weight`, inner, width, gain)
}

function addLayers(maker: TensorMaker, shape: TinyModelShape, gain: number): void {
  const { width, feedForward } = shape
  shape.kvHeads.forEach((kvHeads, layer) => {
    const prefix = `blk.${layer}`
    maker.norm(`${prefix}.attn_norm.weight`, width)
    if (kvHeads === 0) {
      addMambaLayer(maker, prefix, width, gain)
    } else {
      maker.matrix(`${prefix}.attn_q.weight`, width, width)
      maker.matrix(`${prefix}.attn_k.weight`, width, kvHeads * 32)
      maker.matrix(`${prefix}.attn_v.weight`, width, kvHeads * 32)
      maker.matrix(`${prefix}.attn_output.weight`, width, width, gain)
    }
    maker.norm(`${prefix}.ffn_norm.weight`, width)
    maker.matrix(`${prefix}.ffn_gate.weight`, width, feedForward)
    maker.matrix(`${prefix}.ffn_up.weight`, width, feedForward)
    maker.matrix(`${prefix}.ffn_down.weight`, feedForward, width, gain)
  })
}

/** Writes the model. Takes about a second for `busyShape`. */
export async function writeTinyModel(path: string, shape: TinyModelShape = tinyShape): Promise<void> {
  const pieces = [
    ...PIECES.map((piece, i) =>
      shape.lacksBytes === true && piece.type === 6 ? { text: `<no_byte_${i}>`, type: 5 } : piece,
    ),
    ...Array.from({ length: shape.extraPieces }, (_, i) => ({ text: `<extra_${i}>`, type: 5 })),
  ]
  const { width, script } = shape
  const maker = new TensorMaker(shape.seed)
  const embeddings = maker.matrix('token_embd.weight', width, pieces.length, Math.sqrt(width / 3))
  // A scripted model answers a token's own embedding with its successor, so its layers may only whisper.
  addLayers(maker, shape, script === undefined ? 1 : 0.01)
  maker.norm('output_norm.weight', width)
  const predecessors = new Map(script?.map((token, i) => [script[(i + 1) % script.length], token]))
  const random = randomNumbers(shape.seed + 1)
  maker.add('output.weight', [width, pieces.length], (i) => {
    if (script === undefined) return random() * Math.sqrt(3 / width) * 4
    const predecessor = predecessors.get(Math.floor(i / width))
    return predecessor === undefined ? 0 : (embeddings[predecessor * width + (i % width)] ?? 0)
  })
  await writeGguf(path, metadata(shape, pieces), maker.tensors)
}
