/** Builds SentencePiece `tokenizer.model` files for tests: just the protocol buffer fields that are read. */

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return [...bytes, rest]
}

export function varintField(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)])
}

export function bytesField(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(value.length)]), value])
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return Buffer.concat([Buffer.from(varint(field * 8 + 5)), bytes])
}

export interface TestPiece {
  readonly text: string
  readonly score?: number
  /** 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte */
  readonly type?: number
}

export function pieceField({ text, score = 0, type = 1 }: TestPiece): Buffer {
  return bytesField(
    1,
    Buffer.concat([bytesField(1, Buffer.from(text)), floatField(2, score), varintField(3, type)]),
  )
}

/** Control pieces 0 to 2, the unknown piece 3, 256 bytes unless left out, then the given texts as normal pieces. */
export function standardPieces(texts: readonly string[], withBytes = true): TestPiece[] {
  const bytes = Array.from({ length: withBytes ? 256 : 0 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    type: 6,
  }))
  return [
    { text: '<|pad|>', type: 3 },
    { text: '<|startoftext|>', type: 3 },
    { text: '<|endoftext|>', type: 3 },
    { text: '<|unk|>', type: 2 },
    ...bytes,
    ...texts.map((text, i) => ({ text, score: -i })),
  ]
}

export interface SentencePieceOptions {
  readonly pieces: readonly TestPiece[]
  /** 1 unigram, 2 BPE */
  readonly modelType?: number
  readonly byteFallback?: boolean
  readonly normalizer?: Uint8Array
}

/** No dummy prefix, no whitespace removal. */
export const plainNormalizer = Buffer.concat([varintField(3, 0), varintField(4, 0)])

export function sentencePieceBytes(options: SentencePieceOptions): Buffer {
  const { pieces, modelType = 2, byteFallback = true, normalizer = plainNormalizer } = options
  const trainer = Buffer.concat([varintField(3, modelType), varintField(35, byteFallback ? 1 : 0)])
  return Buffer.concat([...pieces.map(pieceField), bytesField(2, trainer), bytesField(3, normalizer)])
}
