/**
 * GGUF as this project reads and writes it: value types of metadata, and block sizes of tensor types. Numbers are
 * those of ggml's `gguf.h` and `ggml.h`; both lists only ever grow there.
 */

export const GGUF_MAGIC = 0x46554747 // "GGUF", little-endian
export const GGUF_DEFAULT_ALIGNMENT = 32
/** ggml keeps names in 64 bytes with a closing zero. */
export const MAX_TENSOR_NAME_BYTES = 63
export const MAX_DIMENSIONS = 4

/** Metadata value types with their numbers in the file. */
export const ggufTypeIds = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  i64: 11,
  f64: 12,
} as const

export type GgufScalarType = Exclude<keyof typeof ggufTypeIds, 'array'>

/** An array's values: typed for numbers (64-bit integers as bigint), plain for strings and booleans. */
export type GgufArrayValue =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array
  | readonly string[]
  | readonly boolean[]

export type GgufValue =
  | { readonly type: 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'f32' | 'f64'; readonly value: number }
  | { readonly type: 'u64' | 'i64'; readonly value: bigint }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'array'; readonly of: GgufScalarType; readonly value: GgufArrayValue }

export type GgufMetadata = ReadonlyMap<string, GgufValue>

/** Tensor types: number in the file, elements in a block, bytes in a block. */
export const ggmlTypes = {
  F32: { id: 0, blockElements: 1, blockBytes: 4 },
  F16: { id: 1, blockElements: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockElements: 32, blockBytes: 18 },
  Q4_1: { id: 3, blockElements: 32, blockBytes: 20 },
  Q5_0: { id: 6, blockElements: 32, blockBytes: 22 },
  Q5_1: { id: 7, blockElements: 32, blockBytes: 24 },
  Q8_0: { id: 8, blockElements: 32, blockBytes: 34 },
  Q8_1: { id: 9, blockElements: 32, blockBytes: 36 },
  Q2_K: { id: 10, blockElements: 256, blockBytes: 84 },
  Q3_K: { id: 11, blockElements: 256, blockBytes: 110 },
  Q4_K: { id: 12, blockElements: 256, blockBytes: 144 },
  Q5_K: { id: 13, blockElements: 256, blockBytes: 176 },
  Q6_K: { id: 14, blockElements: 256, blockBytes: 210 },
  Q8_K: { id: 15, blockElements: 256, blockBytes: 292 },
  IQ2_XXS: { id: 16, blockElements: 256, blockBytes: 66 },
  IQ2_XS: { id: 17, blockElements: 256, blockBytes: 74 },
  IQ3_XXS: { id: 18, blockElements: 256, blockBytes: 98 },
  IQ1_S: { id: 19, blockElements: 256, blockBytes: 50 },
  IQ4_NL: { id: 20, blockElements: 32, blockBytes: 18 },
  IQ3_S: { id: 21, blockElements: 256, blockBytes: 110 },
  IQ2_S: { id: 22, blockElements: 256, blockBytes: 82 },
  IQ4_XS: { id: 23, blockElements: 256, blockBytes: 136 },
  I8: { id: 24, blockElements: 1, blockBytes: 1 },
  I16: { id: 25, blockElements: 1, blockBytes: 2 },
  I32: { id: 26, blockElements: 1, blockBytes: 4 },
  I64: { id: 27, blockElements: 1, blockBytes: 8 },
  F64: { id: 28, blockElements: 1, blockBytes: 8 },
  IQ1_M: { id: 29, blockElements: 256, blockBytes: 56 },
  BF16: { id: 30, blockElements: 1, blockBytes: 2 },
  TQ1_0: { id: 34, blockElements: 256, blockBytes: 54 },
  TQ2_0: { id: 35, blockElements: 256, blockBytes: 66 },
  MXFP4: { id: 39, blockElements: 32, blockBytes: 17 },
  NVFP4: { id: 40, blockElements: 64, blockBytes: 36 },
} as const

export type GgmlTypeName = keyof typeof ggmlTypes

const namesById = new Map<number, GgmlTypeName>(
  (Object.keys(ggmlTypes) as GgmlTypeName[]).map((name) => [ggmlTypes[name].id, name]),
)

/** The tensor type with this number; undefined for numbers that are unknown or retired. */
export function ggmlTypeById(id: number): GgmlTypeName | undefined {
  return namesById.get(id)
}

/**
 * Bytes of a tensor.
 * shape: ggml order (`shape[0]` is the row length), 1 to 4 positive safe integers.
 * Returns undefined when rows do not divide into blocks, or when a product leaves the safe integers.
 */
export function tensorBytes(type: GgmlTypeName, shape: readonly number[]): number | undefined {
  const { blockElements, blockBytes } = ggmlTypes[type]
  if ((shape[0] ?? 0) % blockElements !== 0) return undefined
  let elements = 1
  for (const size of shape) {
    elements *= size
    if (!Number.isSafeInteger(elements)) return undefined
  }
  const bytes = (elements / blockElements) * blockBytes
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The next multiple of `alignment` at or above `offset`. */
export function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment
}
