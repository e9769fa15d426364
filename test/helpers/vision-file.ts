import { createHash } from 'node:crypto'
import {
  f16FromFloats,
  f32FromF16,
  Q8_0_BYTES,
  Q8_0_ELEMENTS,
  q8_0FromFloats,
} from '../../app/services/models/convert/number-formats'
import type { GgmlTypeName, GgufMetadata, GgufValue } from '../../app/services/models/gguf/gguf-types'
import { writeGguf, type GgufTensor } from '../../app/services/models/gguf/gguf-writer'

/** Sizes and switches of a made-up vision tower. */
export interface TowerShape {
  readonly imageSize: number
  readonly patchSize: number
  readonly width: number
  readonly feedForward: number
  readonly heads: number
  readonly blocks: number
  readonly projection: number
  readonly activation: 'quick_gelu' | 'gelu'
  readonly pooling: '2d' | '1d' | 'none'
  readonly hasClass: boolean
  /** How matrices are stored; the patch convolution is F16 where the matrices are Q8_0. */
  readonly matrixType: 'F32' | 'F16' | 'Q8_0'
}

/** A tensor as it is stored and as the numbers that the stored bytes mean. */
export interface TowerTensor {
  readonly name: string
  /** ggml order: the first is the row length. */
  readonly shape: readonly number[]
  readonly type: GgmlTypeName
  readonly bytes: Uint8Array
  readonly values: Float32Array
}

export interface Tower {
  readonly shape: TowerShape
  readonly epsilon: number
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  readonly tensors: ReadonlyMap<string, TowerTensor>
}

export const smallTower: TowerShape = {
  imageSize: 16,
  patchSize: 4,
  width: 32,
  feedForward: 64,
  heads: 2,
  blocks: 2,
  projection: 64,
  activation: 'quick_gelu',
  pooling: '2d',
  hasClass: true,
  matrixType: 'F32',
}

/** Numbers in -1…1 that depend on `seed` and on nothing else. */
export function uniform(seed: string, count: number): Float32Array {
  const bytes = createHash('shake256', { outputLength: count * 4 })
    .update(seed)
    .digest()
  return Float32Array.from({ length: count }, (_, i) => bytes.readUInt32LE(i * 4) / 2 ** 31 - 1)
}

/** Random bytes as RGB pictures [n, side, side, 3]. */
export function randomPixels(seed: string, shape: TowerShape, images: number): Uint8Array {
  const outputLength = images * shape.imageSize ** 2 * 3
  return new Uint8Array(createHash('shake256', { outputLength }).update(seed).digest())
}

function asBytes(array: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function q8Values(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: (bytes.length / Q8_0_BYTES) * Q8_0_ELEMENTS }, (_, i) => {
    const block = Math.floor(i / Q8_0_ELEMENTS) * Q8_0_BYTES
    return f32FromF16(view.getUint16(block, true)) * view.getInt8(block + 2 + (i % Q8_0_ELEMENTS))
  })
}

function store(type: TowerShape['matrixType'], values: Float32Array): Pick<TowerTensor, 'bytes' | 'values'> {
  switch (type) {
    case 'F32':
      return { bytes: asBytes(values), values }
    case 'F16': {
      const halves = new Uint16Array(values.length)
      f16FromFloats(values, halves)
      return { bytes: asBytes(halves), values: Float32Array.from(halves, f32FromF16) }
    }
    case 'Q8_0': {
      const bytes = new Uint8Array((values.length / Q8_0_ELEMENTS) * Q8_0_BYTES)
      q8_0FromFloats(values, bytes)
      return { bytes, values: q8Values(bytes) }
    }
  }
}

/** A tower with made-up weights of a sensible size: rows of matrices keep the size of what they multiply. */
export function makeTower(shape: TowerShape): Tower {
  const { patchSize, width, feedForward, projection } = shape
  const positions = (shape.imageSize / patchSize) ** 2 + (shape.hasClass ? 1 : 0)
  const tensors = new Map<string, TowerTensor>()
  const add = (
    name: string,
    sizes: readonly number[],
    type: TowerShape['matrixType'],
    scale: number,
    offset = 0,
  ): void => {
    const count = sizes.reduce((product, size) => product * size, 1)
    const values = uniform(name, count).map((value) => value * scale + offset)
    tensors.set(name, { name, shape: sizes, type, ...store(type, values) })
  }
  const matrix = (name: string, from: number, to: number): void => {
    add(`${name}.weight`, [from, to], shape.matrixType, Math.sqrt(3 / from))
    add(`${name}.bias`, [to], 'F32', 0.3)
  }
  const norm = (name: string): void => {
    add(`${name}.weight`, [width], 'F32', 0.3, 1)
    add(`${name}.bias`, [width], 'F32', 0.3)
  }
  if (shape.hasClass) add('v.class_embd', [width], 'F32', 1)
  const patchType = shape.matrixType === 'Q8_0' ? 'F16' : shape.matrixType
  add('v.patch_embd.weight', [patchSize, patchSize, 3, width], patchType, 1 / patchSize)
  add('v.position_embd.weight', [width, positions], 'F32', 1)
  norm('v.pre_ln')
  for (let block = 0; block < shape.blocks; block++) {
    norm(`v.blk.${block}.ln1`)
    for (const part of ['attn_q', 'attn_k', 'attn_v', 'attn_out'])
      matrix(`v.blk.${block}.${part}`, width, width)
    norm(`v.blk.${block}.ln2`)
    matrix(`v.blk.${block}.ffn_up`, width, feedForward)
    matrix(`v.blk.${block}.ffn_down`, feedForward, width)
  }
  matrix('mm.0', width, projection)
  matrix('mm.2', projection, projection)
  return {
    shape,
    epsilon: 1e-5,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
    tensors,
  }
}

const u32 = (value: number): GgufValue => ({ type: 'u32', value })
const text = (value: string): GgufValue => ({ type: 'string', value })
const f32s = (values: readonly number[]): GgufValue => ({
  type: 'array',
  of: 'f32',
  value: Float32Array.from(values),
})

/** The metadata of a tower's vision.gguf. */
export function towerMetadata(tower: Tower): Map<string, GgufValue> {
  const { shape } = tower
  return new Map<string, GgufValue>([
    ['general.architecture', text('longlens-vision')],
    ['longlens.vision.image_size', u32(shape.imageSize)],
    ['longlens.vision.patch_size', u32(shape.patchSize)],
    ['longlens.vision.embedding_length', u32(shape.width)],
    ['longlens.vision.feed_forward_length', u32(shape.feedForward)],
    ['longlens.vision.head_count', u32(shape.heads)],
    ['longlens.vision.block_count', u32(shape.blocks)],
    ['longlens.vision.layer_norm_epsilon', { type: 'f32', value: tower.epsilon }],
    ['longlens.vision.activation', text(shape.activation)],
    ['longlens.vision.select_layer', { type: 'i32', value: -1 }],
    ['longlens.vision.has_class_embedding', { type: 'bool', value: shape.hasClass }],
    ['longlens.vision.pooling', text(shape.pooling)],
    ['longlens.vision.pooling_factor', u32(2)],
    ['longlens.vision.projector', text('mlp2x_gelu')],
    ['longlens.vision.projection_length', u32(shape.projection)],
    ['longlens.image.aspect', text('pad')],
    ['longlens.image.mean', f32s(tower.mean)],
    ['longlens.image.std', f32s(tower.std)],
  ])
}

/** Writes the tower's vision.gguf; `metadata` replaces its own, to make a file that is wrong. */
export async function writeTower(
  path: string,
  tower: Tower,
  metadata: GgufMetadata = towerMetadata(tower),
): Promise<void> {
  const tensors = [...tower.tensors.values()].map(({ name, shape, type, bytes }): GgufTensor => ({
    name,
    shape,
    type,
    data: () => [bytes],
  }))
  await writeGguf(path, metadata, tensors)
}
