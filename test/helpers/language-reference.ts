import type { CheckpointSizes } from './checkpoint'

/**
 * The language model in double precision, written from LONGLLAVA-FORMAT section 4 as plainly as it goes: one position
 * at a time, loops, the checkpoint's own names. Small models only.
 */
export class LanguageReference {
  private readonly sizes: CheckpointSizes
  private readonly weights: ReadonlyMap<string, Float32Array>
  private readonly layers: LayerState[]

  constructor(sizes: CheckpointSizes, weights: ReadonlyMap<string, Float32Array>) {
    this.sizes = sizes
    this.weights = weights
    const inner = 2 * sizes.hidden
    this.layers = Array.from({ length: sizes.layers }, () => ({
      keys: [],
      values: [],
      inputs: Array.from({ length: sizes.convolution }, () => new Float64Array(inner)),
      state: new Float64Array(inner * sizes.state),
    }))
  }

  embedding(token: number): Float32Array {
    const { hidden } = this.sizes
    return this.weight('model.embed_tokens.weight').slice(token * hidden, (token + 1) * hidden)
  }

  /** Appends one position. `hidden` is the input of every layer and, last, what goes into lm_head. */
  step(embedding: Float32Array): Step {
    let x = Float64Array.from(embedding)
    const hidden: Float64Array[] = []
    let margin = Infinity
    for (const [layer, state] of this.layers.entries()) {
      hidden.push(x)
      const at = `model.layers.${layer}.`
      const isAttention = layer % this.sizes.attentionPeriod === this.sizes.attentionOffset
      const normed = this.norm(x, `${at}input_layernorm`)
      x = plus(x, isAttention ? this.attention(normed, at, state) : this.mamba(normed, at, state))
      const fed = this.feedForward(this.norm(x, `${at}pre_moe_layernorm`), `${at}moe.`)
      x = plus(x, fed.out)
      margin = Math.min(margin, fed.margin)
    }
    const last = this.norm(x, 'model.final_layernorm')
    hidden.push(last)
    return { logits: this.linear(last, 'lm_head'), hidden, margin }
  }

  private weight(name: string): Float32Array {
    const values = this.weights.get(name)
    if (values === undefined) throw new Error(`the checkpoint has no tensor ${name}`)
    return values
  }

  private linear(x: Float64Array, name: string): Float64Array {
    return product(this.weight(`${name}.weight`), x)
  }

  private norm(x: Float64Array, name: string): Float64Array {
    const weight = this.weight(`${name}.weight`)
    const square = x.reduce((sum, value) => sum + value * value, 0) / x.length
    const scale = 1 / Math.sqrt(square + 1e-6)
    return x.map((value, i) => value * scale * at(weight, i))
  }

  private attention(x: Float64Array, name: string, state: LayerState): Float64Array {
    const { heads, kvHeads, hidden } = this.sizes
    const size = hidden / heads
    const query = this.linear(x, `${name}self_attn.q_proj`)
    state.keys.push(this.linear(x, `${name}self_attn.k_proj`))
    state.values.push(this.linear(x, `${name}self_attn.v_proj`))
    const mixed = new Float64Array(hidden)
    for (let head = 0; head < heads; head++) {
      const from = Math.floor(head / (heads / kvHeads)) * size
      const scores = state.keys.map((key) => {
        let dot = 0
        for (let d = 0; d < size; d++) dot += at(query, head * size + d) * at(key, from + d)
        return dot / Math.sqrt(size)
      })
      for (const [position, share] of softmax(scores).entries()) {
        const value = state.values[position] ?? new Float64Array()
        for (let d = 0; d < size; d++) {
          mixed[head * size + d] = at(mixed, head * size + d) + share * at(value, from + d)
        }
      }
    }
    return this.linear(mixed, `${name}self_attn.o_proj`)
  }

  private mamba(x: Float64Array, name: string, layer: LayerState): Float64Array {
    const { timeStepRank: rank, state: nState, hidden, convolution } = this.sizes
    const inner = 2 * hidden
    const mamba = `${name}mamba.`
    const projected = this.linear(x, `${mamba}in_proj`)
    layer.inputs = [...layer.inputs.slice(1), projected.slice(0, inner)]
    const gate = projected.subarray(inner)
    const taps = this.weight(`${mamba}conv1d.weight`)
    const bias = this.weight(`${mamba}conv1d.bias`)
    const mixed = Float64Array.from({ length: inner }, (_, i) => {
      const sum = layer.inputs.reduce(
        (total, input, j) => total + at(taps, i * convolution + j) * at(input, i),
        0,
      )
      return silu(at(bias, i) + sum)
    })
    const parts = this.linear(mixed, `${mamba}x_proj`)
    const b = this.norm(parts.slice(rank, rank + nState), `${mamba}B_layernorm`)
    const c = this.norm(parts.slice(rank + nState), `${mamba}C_layernorm`)
    const step = this.linear(this.norm(parts.slice(0, rank), `${mamba}dt_layernorm`), `${mamba}dt_proj`)
    const stepBias = this.weight(`${mamba}dt_proj.bias`)
    const logA = this.weight(`${mamba}A_log`)
    const skip = this.weight(`${mamba}D`)
    const out = Float64Array.from({ length: inner }, (_, i) => {
      const delta = Math.log1p(Math.exp(at(step, i) + at(stepBias, i)))
      let y = at(skip, i) * at(mixed, i)
      for (let n = 0; n < nState; n++) {
        const index = i * nState + n
        const decay = Math.exp(-delta * Math.exp(at(logA, index)))
        layer.state[index] = decay * at(layer.state, index) + delta * at(mixed, i) * at(b, n)
        y += at(layer.state, index) * at(c, n)
      }
      return y * silu(at(gate, i))
    })
    return this.linear(out, `${mamba}out_proj`)
  }

  /** With experts: the weights are those of the softmax over all of them, not renormalised over the two taken. */
  private feedForward(x: Float64Array, name: string): { out: Float64Array; margin: number } {
    if (!this.weights.has(`${name}router.weight`))
      return { out: this.expert(x, `${name}experts.0.`), margin: Infinity }
    const logits = this.linear(x, `${name}router`)
    const shares = softmax([...logits])
    const order = [...shares.keys()].sort((left, right) => at(shares, right) - at(shares, left))
    const out = order.slice(0, 2).reduce((sum, expert) => {
      const share = at(shares, expert)
      return plus(
        sum,
        this.expert(x, `${name}experts.${expert}.`).map((value) => value * share),
      )
    }, new Float64Array(x.length))
    return { out, margin: at(logits, order[1] ?? 0) - at(logits, order[2] ?? 0) }
  }

  private expert(x: Float64Array, name: string): Float64Array {
    const up = this.linear(x, `${name}up_proj`)
    const gate = this.linear(x, `${name}gate_proj`)
    return this.linear(
      up.map((value, i) => value * silu(at(gate, i))),
      `${name}down_proj`,
    )
  }
}

export interface Step {
  readonly logits: Float64Array
  readonly hidden: readonly Float64Array[]
  /** Smallest gap between the router logit of the last expert taken and the first left out; infinite without experts. */
  readonly margin: number
}

interface LayerState {
  readonly keys: Float64Array[]
  readonly values: Float64Array[]
  inputs: Float64Array[]
  readonly state: Float64Array
}

const at = (array: ArrayLike<number>, index: number): number => array[index] ?? NaN
const silu = (x: number): number => x / (1 + Math.exp(-x))
const plus = (a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> =>
  Float64Array.from(a, (value, i) => value + at(b, i))

function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores)
  const shares = scores.map((score) => Math.exp(score - highest))
  const total = shares.reduce((sum, share) => sum + share, 0)
  return shares.map((share) => share / total)
}

/** A matrix [out, in] times a vector. */
function product(matrix: Float32Array, x: Float64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(matrix.length / x.length)
  for (let row = 0; row < out.length; row++) {
    let sum = 0
    for (let j = 0; j < x.length; j++) sum += at(matrix, row * x.length + j) * at(x, j)
    out[row] = sum
  }
  return out
}
