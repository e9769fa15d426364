import { AppError } from '../../../contract/errors'
import type { GgufHeader } from './gguf-header'
import type { GgmlTypeName, GgufValue } from './gguf-types'

const INTEGERS = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32'] as const
type IntegerType = (typeof INTEGERS)[number]

function isInteger(value: GgufValue): value is { readonly type: IntegerType; readonly value: number } {
  return (INTEGERS as readonly string[]).includes(value.type)
}

/** The shortest decimal that gives this float32: 0.1 and not 0.10000000149011612. */
export function decimalOfF32(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits))
    if (Math.fround(decimal) === value) return decimal
  }
  return Number(value.toPrecision(9))
}

/** Typed access to the metadata and tensors of a checked header; every error names the file and the key. */
export class MetadataReader {
  readonly header: GgufHeader
  private readonly file: string

  constructor(header: GgufHeader, file: string) {
    this.header = header
    this.file = file
  }

  invalid(reason: string): never {
    throw new AppError('model_invalid', `${this.file}: ${reason}`, { file: this.file, reason })
  }

  unsupported(reason: string): never {
    throw new AppError('model_unsupported', `${this.file}: ${reason}`, { file: this.file, reason })
  }

  has(key: string): boolean {
    return this.header.metadata.has(key)
  }

  private get(key: string): GgufValue {
    return this.header.metadata.get(key) ?? this.invalid(`metadata key "${key}" is missing`)
  }

  private wrongType(key: string, expected: string, value: GgufValue): never {
    const found = value.type === 'array' ? `an array of ${value.of}` : value.type
    return this.invalid(`metadata key "${key}" should be ${expected}, but is ${found}`)
  }

  text(key: string): string {
    const value = this.get(key)
    return value.type === 'string' ? value.value : this.wrongType(key, 'a string', value)
  }

  flag(key: string): boolean {
    const value = this.get(key)
    return value.type === 'bool' ? value.value : this.wrongType(key, 'a boolean', value)
  }

  integer(key: string, min: number, max: number): number {
    const value = this.get(key)
    if (!isInteger(value)) return this.wrongType(key, 'an integer', value)
    if (value.value < min || value.value > max) {
      return this.invalid(`metadata key "${key}" is ${value.value}, outside ${min} to ${max}`)
    }
    return value.value
  }

  /** A finite float32, as its shortest decimal. */
  number(key: string): number {
    const value = this.get(key)
    if (value.type !== 'f32') return this.wrongType(key, 'f32', value)
    if (!Number.isFinite(value.value)) return this.invalid(`metadata key "${key}" is not a finite number`)
    return decimalOfF32(value.value)
  }

  texts(key: string): readonly string[] {
    const value = this.get(key)
    if (value.type !== 'array' || value.of !== 'string') return this.wrongType(key, 'an array of strings', value)
    return value.value as readonly string[]
  }

  /** Elements of an i32 or u32 array, all within the range. */
  integers(key: string, min: number, max: number): readonly number[] {
    const value = this.get(key)
    if (value.type !== 'array' || (value.of !== 'i32' && value.of !== 'u32')) {
      return this.wrongType(key, 'an array of integers', value)
    }
    const numbers = Array.from(value.value as Int32Array | Uint32Array)
    const wrong = numbers.find((number) => number < min || number > max)
    if (wrong !== undefined) return this.invalid(`metadata key "${key}" holds ${wrong}, outside ${min} to ${max}`)
    return numbers
  }

  /** Elements of an f32 array, all finite. */
  floats(key: string): Float32Array {
    const value = this.get(key)
    if (value.type !== 'array' || value.of !== 'f32') return this.wrongType(key, 'an array of f32', value)
    const numbers = value.value as Float32Array
    if (!numbers.every(Number.isFinite)) return this.invalid(`metadata key "${key}" holds a number that is not finite`)
    return numbers
  }

  channels(key: string): [number, number, number] {
    const numbers = this.floats(key)
    const [red, green, blue] = Array.from(numbers, decimalOfF32)
    if (numbers.length !== 3 || red === undefined || green === undefined || blue === undefined) {
      return this.invalid(`metadata key "${key}" should hold 3 numbers, but holds ${numbers.length}`)
    }
    return [red, green, blue]
  }
}

/** What a tensor must be: `vector`s are F32, a `matrix` any type, a `float` matrix F32, F16 or BF16. */
export interface ExpectedTensor {
  readonly name: string
  /** ggml order. */
  readonly shape: readonly number[]
  readonly kind: 'vector' | 'matrix' | 'float'
  readonly optional?: true
}

const kindTypes: Record<'vector' | 'float', readonly GgmlTypeName[]> = {
  vector: ['F32'],
  float: ['F32', 'F16', 'BF16'],
}
const NOT_WEIGHTS: readonly GgmlTypeName[] = ['I8', 'I16', 'I32', 'I64', 'F64', 'Q8_1', 'Q8_K']

/** Trailing dimensions of size 1 say nothing. */
function trimmed(shape: readonly number[]): readonly number[] {
  const last = shape.findLastIndex((size) => size !== 1)
  return shape.slice(0, Math.max(1, last + 1))
}

/**
 * Compares a file's tensors with the complete list of what should be there. ggml aborts the process on types and
 * shapes that it does not expect, so this happens before it sees them.
 * throws: model_invalid naming the tensor.
 */
export function checkTensors(reader: MetadataReader, expected: readonly ExpectedTensor[]): void {
  const { tensors } = reader.header
  const known = new Set(expected.map(({ name }) => name))
  for (const name of tensors.keys()) if (!known.has(name)) reader.invalid(`tensor "${name}" does not belong to this kind of model`)
  for (const { name, shape, kind, optional } of expected) {
    const tensor = tensors.get(name)
    if (tensor === undefined) {
      if (optional === true) continue
      return reader.invalid(`tensor "${name}" is missing`)
    }
    const wanted = trimmed(shape)
    const found = trimmed(tensor.shape)
    if (found.length !== wanted.length || found.some((size, i) => size !== wanted[i])) {
      reader.invalid(`tensor "${name}" has the shape [${tensor.shape.join(', ')}], but should have [${shape.join(', ')}]`)
    }
    const isAllowed = kind === 'matrix' ? !NOT_WEIGHTS.includes(tensor.type) : kindTypes[kind].includes(tensor.type)
    if (!isAllowed) reader.invalid(`tensor "${name}" has the type ${tensor.type}, which is not allowed there`)
  }
}
