import { Q8_0_BYTES, Q8_0_ELEMENTS, allFinite, bf16FromFloats, f16FromBf16Bits, f16FromFloats, q8_0FromFloats, toF32 } from './number-formats'
import { valueError } from './tensor-plan'
import type { PlannedTensor, SourceTensor } from './tensor-plan'

/** Gives a source tensor's bytes in pieces of whole elements (and whole blocks of 32). */
export type ReadSource = (tensor: SourceTensor) => AsyncIterable<Uint8Array>

/** Called with each piece's source bytes, for progress. */
export type OnSourceBytes = (bytes: number) => void

function view16(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
}

/** Buffers that are reused from piece to piece. */
class PieceConverter {
  private readonly tensor: PlannedTensor
  private floats = new Float32Array(0)
  private output = new Uint8Array(0)

  constructor(tensor: PlannedTensor) {
    this.tensor = tensor
  }

  convert(source: SourceTensor, bytes: Uint8Array): Uint8Array {
    const { type, transform } = this.tensor
    if (source.dtype === type && transform === 'none') return bytes
    const elements = bytes.length / (source.dtype === 'F32' ? 4 : 2)
    if (source.dtype === 'BF16' && type === 'F16') {
      const target = this.reserveOutput(elements * 2)
      this.mustFit(f16FromBf16Bits(view16(bytes), view16(target)), source)
      return target
    }
    const floats = this.reserveFloats(elements)
    toF32(source.dtype, bytes, floats)
    if (transform === 'negative_exp') this.negativeExp(source, floats)
    return this.fromFloats(source, floats)
  }

  private fromFloats(source: SourceTensor, floats: Float32Array): Uint8Array {
    const { type } = this.tensor
    if (type === 'F32') return new Uint8Array(floats.buffer, 0, floats.byteLength)
    if (type === 'Q8_0') {
      const target = this.reserveOutput((floats.length / Q8_0_ELEMENTS) * Q8_0_BYTES)
      this.mustFit(q8_0FromFloats(floats, target), source)
      return target
    }
    const target = this.reserveOutput(floats.length * 2)
    const narrow = type === 'F16' ? f16FromFloats : bf16FromFloats
    this.mustFit(narrow(floats, view16(target)), source)
    return target
  }

  private negativeExp(source: SourceTensor, floats: Float32Array): void {
    for (let i = 0; i < floats.length; i++) floats[i] = -Math.exp(floats[i] ?? 0)
    if (!allFinite('F32', new Uint8Array(floats.buffer, 0, floats.byteLength))) {
      throw valueError(source, 'holds values whose exponential is infinite')
    }
  }

  private mustFit(fits: boolean, source: SourceTensor): void {
    if (!fits) throw valueError(source, `holds values that are too large for ${this.tensor.type}`)
  }

  private reserveFloats(count: number): Float32Array {
    if (this.floats.length < count) this.floats = new Float32Array(count)
    return this.floats.subarray(0, count)
  }

  private reserveOutput(count: number): Uint8Array {
    if (this.output.length < count) this.output = new Uint8Array(count)
    return this.output.subarray(0, count)
  }
}

/**
 * The bytes of an output tensor, piece by piece. Each piece may be overwritten by the next.
 * throws: checkpoint_invalid naming file and tensor for NaN, infinite and too large values.
 */
export async function* streamTensor(
  tensor: PlannedTensor,
  read: ReadSource,
  onSourceBytes: OnSourceBytes,
): AsyncGenerator<Uint8Array> {
  const converter = new PieceConverter(tensor)
  for (const source of tensor.sources) {
    for await (const bytes of read(source)) {
      if (!allFinite(source.dtype, bytes)) throw valueError(source, 'holds values that are no numbers or infinite')
      yield converter.convert(source, bytes)
      onSourceBytes(bytes.length)
    }
  }
}
