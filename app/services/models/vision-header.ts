import type { ImageProcessing } from '../../domain/model-description'
import { checkTensors } from './gguf/metadata-reader'
import type { ExpectedTensor, MetadataReader } from './gguf/metadata-reader'

/** Sizes of the vision tower and projector, from the metadata of `vision.gguf`. */
export interface VisionSizes {
  readonly imageSize: number
  readonly patchSize: number
  readonly width: number
  readonly feedForwardLength: number
  readonly blocks: number
  readonly projectionLength: number
  readonly tokensPerImage: number
  readonly image: ImageProcessing
}

const MAX_WIDTH = 65_536

/** LONGLLAVA-FORMAT section 3: 2×2 blocks of the grid, pairs out of four in a row, or every patch. */
function pooledTokens(reader: MetadataReader, grid: number): number {
  const pooling = reader.text('longlens.vision.pooling')
  if (pooling === 'none') return grid * grid
  if (pooling !== '2d' && pooling !== '1d') return reader.unsupported(`it pools patches by "${pooling}"`)
  const factor = reader.integer('longlens.vision.pooling_factor', 1, 1024)
  if (factor !== 2) reader.unsupported(`it pools patches by a factor of ${factor}; 2 is supported`)
  if (grid % 2 !== 0) reader.unsupported(`its ${grid} × ${grid} patches cannot be pooled by two`)
  return (grid / 2) ** 2
}

function readImageProcessing(reader: MetadataReader, side: number): ImageProcessing {
  const aspect = reader.text('longlens.image.aspect')
  if (aspect !== 'pad' && aspect !== 'crop') return reader.invalid(`metadata key "longlens.image.aspect" is "${aspect}"`)
  const mean = reader.channels('longlens.image.mean')
  const std = reader.channels('longlens.image.std')
  if (std.some((value) => value <= 0)) reader.invalid('metadata key "longlens.image.std" should be above 0')
  return { side, aspect, mean, std }
}

/** throws: model_unsupported (another kind of tower), model_invalid naming the key. */
export function readVisionSizes(reader: MetadataReader): VisionSizes {
  const architecture = reader.text('general.architecture')
  if (architecture !== 'longlens-vision') {
    reader.unsupported(`its architecture is "${architecture}"; "longlens-vision" is expected`)
  }
  const version = reader.integer('longlens.format_version', 0, 0xffffffff)
  if (version !== 1) reader.unsupported(`it is of format ${version}; this program reads format 1`)
  const size = (key: string, max: number) => reader.integer(`longlens.vision.${key}`, 1, max)
  const imageSize = size('image_size', 4096)
  const patchSize = size('patch_size', imageSize)
  if (imageSize % patchSize !== 0) {
    reader.invalid(`metadata key "longlens.vision.patch_size" ${patchSize} does not divide the image size ${imageSize}`)
  }
  const width = size('embedding_length', MAX_WIDTH)
  const heads = size('head_count', width)
  if (width % heads !== 0) {
    reader.invalid(`metadata key "longlens.vision.head_count" ${heads} does not divide the width ${width}`)
  }
  if (!reader.flag('longlens.vision.has_class_embedding')) reader.unsupported('it has no class token')
  const activation = reader.text('longlens.vision.activation')
  if (activation !== 'quick_gelu' && activation !== 'gelu') reader.unsupported(`its activation is "${activation}"`)
  const projector = reader.text('longlens.vision.projector')
  if (projector !== 'mlp2x_gelu') reader.unsupported(`its projector is "${projector}"`)
  if (reader.number('longlens.vision.layer_norm_epsilon') <= 0) {
    reader.invalid('metadata key "longlens.vision.layer_norm_epsilon" should be above 0')
  }
  return {
    imageSize,
    patchSize,
    width,
    feedForwardLength: size('feed_forward_length', MAX_WIDTH * 4),
    blocks: size('block_count', 512),
    projectionLength: size('projection_length', MAX_WIDTH),
    tokensPerImage: pooledTokens(reader, imageSize / patchSize),
    image: readImageProcessing(reader, imageSize),
  }
}

function linear(name: string, from: number, to: number): ExpectedTensor[] {
  return [
    { name: `${name}.weight`, shape: [from, to], kind: 'matrix' },
    { name: `${name}.bias`, shape: [to], kind: 'vector' },
  ]
}

function norm(name: string, width: number): ExpectedTensor[] {
  return [
    { name: `${name}.weight`, shape: [width], kind: 'vector' },
    { name: `${name}.bias`, shape: [width], kind: 'vector' },
  ]
}

/** throws: model_invalid naming the tensor that is missing, unknown, or of another shape or type. */
export function checkVisionTensors(reader: MetadataReader, sizes: VisionSizes): void {
  const { width, patchSize, imageSize, feedForwardLength, projectionLength } = sizes
  const positions = (imageSize / patchSize) ** 2 + 1
  const expected: ExpectedTensor[] = [
    { name: 'v.class_embd', shape: [width], kind: 'vector' },
    { name: 'v.patch_embd.weight', shape: [patchSize, patchSize, 3, width], kind: 'float' },
    { name: 'v.position_embd.weight', shape: [width, positions], kind: 'vector' },
    ...norm('v.pre_ln', width),
    ...linear('mm.0', width, projectionLength),
    ...linear('mm.2', projectionLength, projectionLength),
  ]
  for (let block = 0; block < sizes.blocks; block++) {
    const at = `v.blk.${block}.`
    expected.push(...norm(`${at}ln1`, width), ...norm(`${at}ln2`, width))
    for (const part of ['q', 'k', 'v', 'out']) expected.push(...linear(`${at}attn_${part}`, width, width))
    expected.push(...linear(`${at}ffn_up`, width, feedForwardLength))
    expected.push(...linear(`${at}ffn_down`, feedForwardLength, width))
  }
  checkTensors(reader, expected)
}
