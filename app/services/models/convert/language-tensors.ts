import type { LanguageConfig } from '../checkpoint/language-config'
import { matrixType } from './tensor-plan'
import type { MatrixType, PlannedTensor, SourceTensor, TensorPicker } from './tensor-plan'

/** Names under which the tower's copy and the projector stand in a checkpoint. */
export const INNER_TOWER_PREFIX = 'model.vision_tower.vision_tower.'
export const PROJECTOR_PREFIX = 'model.mm_projector.'

/** Builds the tensors of `language.gguf`: llama.cpp's names on the left, the official ones on the right. */
class LanguagePlanner {
  private readonly config: LanguageConfig
  private readonly picker: TensorPicker
  private readonly matrices: MatrixType
  readonly planned: PlannedTensor[] = []

  constructor(config: LanguageConfig, picker: TensorPicker, matrices: MatrixType) {
    this.config = config
    this.picker = picker
    this.matrices = matrices
  }

  /** Norms, biases and the recurrence stay F32: they are small and llama.cpp wants them so. */
  private f32(name: string, sources: readonly string[], shape: readonly number[], ggmlShape = shape.toReversed()): void {
    const tensor = this.picker.take(sources, shape)
    this.planned.push({ name, shape: ggmlShape, type: 'F32', sources: [tensor], transform: 'none' })
  }

  private matrix(name: string, sources: readonly string[], shape: readonly [number, number]): void {
    this.pushMatrix(name, [this.picker.take(sources, shape)], shape.toReversed())
  }

  private pushMatrix(name: string, sources: readonly SourceTensor[], shape: readonly number[]): void {
    const type = matrixType(this.matrices, sources, shape[0] ?? 0)
    this.planned.push({ name, shape, type, sources, transform: 'none' })
  }

  plan(): PlannedTensor[] {
    const { hiddenSize: h, vocabularySize, layers } = this.config
    this.matrix('token_embd.weight', ['model.embed_tokens.weight'], [vocabularySize, h])
    for (let layer = 0; layer < layers; layer++) {
      const from = `model.layers.${layer}.`
      const to = `blk.${layer}.`
      this.f32(`${to}attn_norm.weight`, [`${from}input_layernorm.weight`], [h])
      if (this.config.isAttention(layer)) this.attention(to, `${from}self_attn.`)
      else this.mamba(to, `${from}mamba.`)
      this.f32(`${to}ffn_norm.weight`, [`${from}pre_moe_layernorm.weight`, `${from}pre_ff_layernorm.weight`], [h])
      if (this.config.hasExperts(layer)) this.experts(to, from)
      else this.feedForward(to, from)
    }
    this.f32('output_norm.weight', ['model.final_layernorm.weight'], [h])
    this.output()
    return this.planned
  }

  /** llama.cpp takes the embeddings when there is no output matrix. */
  private output(): void {
    const { hiddenSize, vocabularySize, tiedEmbeddings } = this.config
    const names = ['lm_head.weight']
    if (tiedEmbeddings && this.picker.find(names) === undefined) return
    this.matrix('output.weight', names, [vocabularySize, hiddenSize])
  }

  private attention(to: string, from: string): void {
    const { hiddenSize: h, heads, kvHeads } = this.config
    const kv = (h / heads) * kvHeads
    this.matrix(`${to}attn_q.weight`, [`${from}q_proj.weight`], [h, h])
    this.matrix(`${to}attn_k.weight`, [`${from}k_proj.weight`], [kv, h])
    this.matrix(`${to}attn_v.weight`, [`${from}v_proj.weight`], [kv, h])
    this.matrix(`${to}attn_output.weight`, [`${from}o_proj.weight`], [h, h])
  }

  private mamba(to: string, from: string): void {
    const { hiddenSize: h, innerSize: di, stateSize: n, timeStepRank: r, convolutionSize: kw } = this.config
    this.matrix(`${to}ssm_in.weight`, [`${from}in_proj.weight`], [2 * di, h])
    // [di, 1, kw] -> ggml [kw, di]: the middle dimension is dropped.
    this.f32(`${to}ssm_conv1d.weight`, [`${from}conv1d.weight`], [di, 1, kw], [kw, di])
    this.f32(`${to}ssm_conv1d.bias`, [`${from}conv1d.bias`], [di])
    this.matrix(`${to}ssm_x.weight`, [`${from}x_proj.weight`], [r + 2 * n, di])
    this.f32(`${to}ssm_dt_norm.weight`, [`${from}dt_layernorm.weight`], [r])
    this.matrix(`${to}ssm_dt.weight`, [`${from}dt_proj.weight`], [di, r])
    this.f32(`${to}ssm_dt.bias`, [`${from}dt_proj.bias`], [di])
    this.f32(`${to}ssm_b_norm.weight`, [`${from}B_layernorm.weight`, `${from}b_layernorm.weight`], [n])
    this.f32(`${to}ssm_c_norm.weight`, [`${from}C_layernorm.weight`, `${from}c_layernorm.weight`], [n])
    const a = this.picker.take([`${from}A_log`], [di, n])
    this.planned.push({ name: `${to}ssm_a`, shape: [n, di], type: 'F32', sources: [a], transform: 'negative_exp' })
    this.f32(`${to}ssm_d`, [`${from}D`], [di])
    this.matrix(`${to}ssm_out.weight`, [`${from}out_proj.weight`], [h, di])
  }

  private feedForward(to: string, from: string): void {
    const { hiddenSize: h, intermediateSize: wide } = this.config
    const names = (part: string) => [
      `${from}moe.experts.0.${part}.weight`,
      `${from}feed_forward.${part}.weight`,
      `${from}feed_forward.experts.0.${part}.weight`,
    ]
    this.matrix(`${to}ffn_gate.weight`, names('gate_proj'), [wide, h])
    this.matrix(`${to}ffn_down.weight`, names('down_proj'), [h, wide])
    this.matrix(`${to}ffn_up.weight`, names('up_proj'), [wide, h])
  }

  private experts(to: string, from: string): void {
    const { hiddenSize: h, intermediateSize: wide, experts } = this.config
    this.f32(`${to}ffn_gate_inp.weight`, [`${from}moe.router.weight`, `${from}feed_forward.router.weight`], [experts, h])
    const stacked = (part: string, shape: readonly [number, number]) =>
      Array.from({ length: experts }, (_, expert) => {
        const end = `experts.${expert}.${part}.weight`
        return this.picker.take([`${from}moe.${end}`, `${from}feed_forward.${end}`], shape)
      })
    this.pushMatrix(`${to}ffn_gate_exps.weight`, stacked('gate_proj', [wide, h]), [h, wide, experts])
    this.pushMatrix(`${to}ffn_down_exps.weight`, stacked('down_proj', [h, wide]), [wide, h, experts])
    this.pushMatrix(`${to}ffn_up_exps.weight`, stacked('up_proj', [wide, h]), [h, wide, experts])
  }
}

/**
 * The tensors of `language.gguf` in llama.cpp's jamba layout. Both generations of Jamba's names are taken
 * (LONGLLAVA-FORMAT section 2).
 * throws: checkpoint_invalid naming the tensor that is missing or has another shape than the config says.
 */
export function planLanguageTensors(config: LanguageConfig, picker: TensorPicker, matrices: MatrixType): PlannedTensor[] {
  return new LanguagePlanner(config, picker, matrices).plan()
}
