import { unsupportedCheckpoint } from '../checkpoint/checkpoint-errors'
import type { LanguageConfig } from '../checkpoint/language-config'
import type { VisionConfig } from '../checkpoint/vision-config'
import { PROJECTOR_PREFIX } from './language-tensors'
import { matrixType } from './tensor-plan'
import type { MatrixType, PlannedTensor, TensorPicker } from './tensor-plan'

/** All of CLIP that is not needed: its text half, and what follows the selected layer. */
export function isUnusedTowerTensor(name: string): boolean {
  return (
    /^(text_model\.|text_projection\.|visual_projection\.|logit_scale$)/u.test(name) ||
    /^vision_model\.(embeddings\.position_ids|post_layernorm\.(weight|bias))$/u.test(name) ||
    /^vision_model\.encoder\.layers\.\d+\.(layer_norm[12]|self_attn\.(q|k|v|out)_proj|mlp\.fc[12])\.(weight|bias)$/u.test(
      name,
    )
  )
}

/**
 * How many layers run: `hidden_states[0]` is the input of the first layer, `hidden_states[j]` the output of layer j,
 * and a negative index counts from the end (LONGLLAVA-FORMAT section 3).
 */
export function layersThatRun(config: LanguageConfig, vision: VisionConfig): number {
  const { selectLayer } = config
  const layers = selectLayer < 0 ? vision.layers + 1 + selectLayer : selectLayer
  if (layers >= 1 && layers <= vision.layers) return layers
  throw unsupportedCheckpoint(
    config.file,
    `mm_vision_select_layer is ${selectLayer}, but the vision tower has ${vision.layers} layers`,
  )
}

interface VisionPlanParts {
  readonly config: LanguageConfig
  readonly vision: VisionConfig
  /** Names begin with `vision_model.`. */
  readonly tower: TensorPicker
  /** Names as in the language checkpoint. */
  readonly checkpoint: TensorPicker
  readonly matrices: MatrixType
}

class VisionPlanner {
  private readonly parts: VisionPlanParts
  readonly planned: PlannedTensor[] = []

  constructor(parts: VisionPlanParts) {
    this.parts = parts
  }

  private f32(picker: TensorPicker, name: string, source: string, shape: readonly number[]): void {
    const tensor = picker.take([source], shape)
    this.planned.push({ name, shape: shape.toReversed(), type: 'F32', sources: [tensor], transform: 'none' })
  }

  private matrix(picker: TensorPicker, name: string, source: string, shape: readonly number[]): void {
    const tensor = picker.take([source], shape)
    const ggmlShape = shape.toReversed()
    const type = matrixType(this.parts.matrices, [tensor], ggmlShape[0] ?? 0)
    this.planned.push({ name, shape: ggmlShape, type, sources: [tensor], transform: 'none' })
  }

  private linear(picker: TensorPicker, name: string, source: string, shape: readonly [number, number]): void {
    this.matrix(picker, `${name}.weight`, `${source}.weight`, shape)
    this.f32(picker, `${name}.bias`, `${source}.bias`, [shape[0]])
  }

  private norm(name: string, source: string): void {
    const { tower, vision } = this.parts
    this.f32(tower, `${name}.weight`, `${source}.weight`, [vision.width])
    this.f32(tower, `${name}.bias`, `${source}.bias`, [vision.width])
  }

  plan(): PlannedTensor[] {
    const { config, vision } = this.parts
    this.embeddings()
    const layers = layersThatRun(config, vision)
    for (let layer = 0; layer < layers; layer++) this.block(layer)
    const { checkpoint } = this.parts
    this.linear(checkpoint, 'mm.0', `${PROJECTOR_PREFIX}0`, [config.hiddenSize, vision.width])
    this.linear(checkpoint, 'mm.2', `${PROJECTOR_PREFIX}2`, [config.hiddenSize, config.hiddenSize])
    return this.planned
  }

  private embeddings(): void {
    const { tower, vision } = this.parts
    const { width, patchSize, imageSize } = vision
    const positions = (imageSize / patchSize) ** 2 + 1
    this.f32(tower, 'v.class_embd', 'vision_model.embeddings.class_embedding', [width])
    this.patches()
    this.f32(tower, 'v.position_embd.weight', 'vision_model.embeddings.position_embedding.weight', [positions, width])
    // Spelt so in every CLIP.
    this.norm('v.pre_ln', 'vision_model.pre_layrnorm')
  }

  /** Rows of a patch are 14 or so values long, no multiple of a block: these weights are never quantized. */
  private patches(): void {
    const { tower, vision, matrices } = this.parts
    const { width, patchSize } = vision
    const source = tower.take(['vision_model.embeddings.patch_embedding.weight'], [width, 3, patchSize, patchSize])
    const type = matrixType(matrices === 'Q8_0' ? 'F16' : matrices, [source], patchSize)
    const shape = [patchSize, patchSize, 3, width]
    this.planned.push({ name: 'v.patch_embd.weight', shape, type, sources: [source], transform: 'none' })
  }

  private block(layer: number): void {
    const { tower, vision } = this.parts
    const { width, intermediateSize } = vision
    const from = `vision_model.encoder.layers.${layer}.`
    const to = `v.blk.${layer}.`
    this.norm(`${to}ln1`, `${from}layer_norm1`)
    for (const part of ['q', 'k', 'v', 'out']) {
      this.linear(tower, `${to}attn_${part}`, `${from}self_attn.${part}_proj`, [width, width])
    }
    this.norm(`${to}ln2`, `${from}layer_norm2`)
    this.linear(tower, `${to}ffn_up`, `${from}mlp.fc1`, [intermediateSize, width])
    this.linear(tower, `${to}ffn_down`, `${from}mlp.fc2`, [width, intermediateSize])
  }
}

/**
 * The tensors of `vision.gguf` (docs/model-format.md): the tower up to the selected layer, and the projector.
 * throws: checkpoint_invalid naming the tensor that is missing or has another shape than the configs say.
 */
export function planVisionTensors(parts: VisionPlanParts): PlannedTensor[] {
  return new VisionPlanner(parts).plan()
}
