import { basename } from 'node:path'
import type { GgmlTypeName } from '../gguf/gguf-types'
import { invalidCheckpoint, unsupportedCheckpoint } from '../checkpoint/checkpoint-errors'
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensors'
import type { WeightType } from '../checkpoint/safetensors-header'

/** A checkpoint tensor whose type and shape were checked. */
export interface SourceTensor extends CheckpointTensor {
  readonly dtype: WeightType
}

/** One tensor of the output: where its values come from and how they are written. */
export interface PlannedTensor {
  readonly name: string
  /** ggml order. */
  readonly shape: readonly number[]
  readonly type: Extract<GgmlTypeName, 'F32' | 'F16' | 'BF16' | 'Q8_0'>
  /** Written one after the other: a single tensor, or the experts of a layer. */
  readonly sources: readonly SourceTensor[]
  /** `negative_exp`: x becomes −exp(x), for A_log. */
  readonly transform: 'none' | 'negative_exp'
}

/**
 * Takes tensors out of a checkpoint by name and remembers which were asked for, so that those left over can be
 * named.
 */
export class TensorPicker {
  private readonly entries: ReadonlyMap<string, CheckpointTensor>
  /** Folder or file named when a tensor is missing. */
  private readonly place: string
  private readonly prefix: string
  private readonly used = new Set<string>()

  /** prefix: stands before every name that is asked for. */
  constructor(entries: ReadonlyMap<string, CheckpointTensor>, place: string, prefix = '') {
    this.entries = entries
    this.place = place
    this.prefix = prefix
  }

  /** The tensor under one of its names, if it is there. Two names at once are an error. */
  find(names: readonly string[]): CheckpointTensor | undefined {
    const found = names.flatMap((name) => this.entries.get(this.prefix + name) ?? [])
    const [first, second] = found
    if (first !== undefined && second !== undefined) {
      throw invalidCheckpoint(second.file, `tensors "${first.name}" and "${second.name}" are the same weights`)
    }
    if (first !== undefined) this.used.add(first.name)
    return first
  }

  /**
   * The tensor under one of its names, with this PyTorch shape.
   * throws: checkpoint_invalid naming file and tensor when it is missing or has another shape.
   */
  take(names: readonly string[], shape: readonly number[]): SourceTensor {
    const found = this.find(names)
    if (found === undefined) {
      throw invalidCheckpoint(this.place, `tensor "${this.prefix}${names[0] ?? ''}" is missing`)
    }
    return checkTensor(found, shape)
  }

  /** Marks names as known though they are not needed. */
  ignore(isKnown: (nameAfterPrefix: string) => boolean): void {
    for (const name of this.entries.keys()) {
      if (name.startsWith(this.prefix) && isKnown(name.slice(this.prefix.length))) this.used.add(name)
    }
  }

  /** throws: checkpoint_invalid naming the first tensor that nobody asked for or ignored. */
  refuseLeftovers(): void {
    for (const { name, file } of this.entries.values()) {
      if (!this.used.has(name)) throw invalidCheckpoint(file, `tensor "${name}" does not belong to this kind of model`)
    }
  }
}

function checkTensor(tensor: CheckpointTensor, shape: readonly number[]): SourceTensor {
  const { name, dtype, file } = tensor
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw invalidCheckpoint(
      file,
      `tensor "${name}" has the shape [${tensor.shape.join(', ')}]; config.json asks for [${shape.join(', ')}]`,
    )
  }
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw unsupportedCheckpoint(file, `tensor "${name}" has the type ${dtype}; F32, F16 and BF16 are supported`)
  }
  return { ...tensor, dtype }
}

/** How matrices are written: as they are, or as one type. Everything else is F32. */
export type MatrixType = 'source' | 'F32' | 'F16' | 'BF16' | 'Q8_0'

/** The output type of a matrix; rows that do not divide into Q8_0's blocks of 32 become F16. */
export function matrixType(
  wanted: MatrixType,
  sources: readonly SourceTensor[],
  rowLength: number,
): PlannedTensor['type'] {
  if (wanted === 'Q8_0') return rowLength % 32 === 0 ? 'Q8_0' : 'F16'
  if (wanted !== 'source') return wanted
  const [first] = sources
  const isUniform = sources.every((source) => source.dtype === first?.dtype)
  return first !== undefined && isUniform ? first.dtype : 'F32'
}

/** The first lines of an error about a tensor while its values are converted. */
export function valueError(source: SourceTensor, reason: string): Error {
  return invalidCheckpoint(source.file, `tensor "${source.name}" of ${basename(source.file)} ${reason}`)
}
