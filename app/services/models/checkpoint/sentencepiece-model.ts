import { TokenType } from '../../../domain/tokenizer/tokenizer-data'
import { invalidCheckpoint, unsupportedCheckpoint } from './checkpoint-errors'
import { ProtobufError, protobufFields } from './protobuf'
import type { ProtobufValue } from './protobuf'
import { readSmallFile } from './read-small-file'

/** Vocabularies of 250 000 pieces take about 5 MB. */
const MAX_TOKENIZER_BYTES = 64 * 1024 * 1024
const MAX_PIECES = 1_048_576

/** What is kept of a SentencePiece `tokenizer.model`. Field numbers are those of sentencepiece_model.proto. */
export interface SentencePieceModel {
  readonly model: 'bpe' | 'unigram'
  readonly pieces: readonly string[]
  readonly scores: Float32Array
  /** `TokenType` of each piece; SentencePiece and GGUF use the same numbers. */
  readonly types: Uint8Array
  readonly byteFallback: boolean
  readonly addDummyPrefix: boolean
  readonly unkId: number
}

interface Piece {
  readonly text: string
  readonly score: number
  readonly type: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function text(value: ProtobufValue, what: string): string {
  if (value.kind !== 'bytes') throw new ProtobufError(`${what} is not text`)
  try {
    return utf8.decode(value.value)
  } catch {
    throw new ProtobufError(`${what} is not valid UTF-8`)
  }
}

function readPiece(bytes: Uint8Array, index: number): Piece {
  let piece = ''
  let score = 0
  let type: number = TokenType.normal
  for (const [field, value] of protobufFields(bytes)) {
    if (field === 1) piece = text(value, `piece ${index}`)
    else if (field === 2 && value.kind === 'float') score = value.value
    else if (field === 3 && value.kind === 'varint') type = value.value
  }
  if (piece === '') throw new ProtobufError(`piece ${index} has no text`)
  if (!Number.isFinite(score)) throw new ProtobufError(`piece ${index} ("${piece}") has a score that is no number`)
  if (type < 1 || type > 6) throw new ProtobufError(`piece ${index} ("${piece}") has the unknown type ${type}`)
  return { text: piece, score, type }
}

/** Switches of trainer_spec (2) and normalizer_spec (3), set to SentencePiece's defaults. */
interface Specs {
  modelType: number
  byteFallback: boolean
  whitespaceAsSuffix: boolean
  hasCharsMap: boolean
  addDummyPrefix: boolean
  removeExtraWhitespaces: boolean
  escapeWhitespaces: boolean
}

function readTrainerSpec(bytes: Uint8Array, specs: Specs): void {
  for (const [field, value] of protobufFields(bytes)) {
    if (value.kind !== 'varint') continue
    if (field === 3) specs.modelType = value.value
    else if (field === 24) specs.whitespaceAsSuffix = value.value !== 0
    else if (field === 35) specs.byteFallback = value.value !== 0
  }
}

function readNormalizerSpec(bytes: Uint8Array, specs: Specs): void {
  for (const [field, value] of protobufFields(bytes)) {
    if (field === 2 && value.kind === 'bytes') specs.hasCharsMap = value.value.length > 0
    if (value.kind !== 'varint') continue
    if (field === 3) specs.addDummyPrefix = value.value !== 0
    else if (field === 4) specs.removeExtraWhitespaces = value.value !== 0
    else if (field === 5) specs.escapeWhitespaces = value.value !== 0
  }
}

/** What the tokenizers in app/domain/tokenizer do not do is refused rather than done wrong. */
function checkSpecs(file: string, specs: Specs): 'bpe' | 'unigram' {
  if (specs.modelType !== 1 && specs.modelType !== 2) {
    throw unsupportedCheckpoint(file, `its model type is ${specs.modelType}; unigram (1) and BPE (2) are supported`)
  }
  if (specs.hasCharsMap) throw unsupportedCheckpoint(file, 'it rewrites characters before splitting (precompiled_charsmap)')
  if (specs.removeExtraWhitespaces) throw unsupportedCheckpoint(file, 'it removes repeated spaces (remove_extra_whitespaces)')
  if (!specs.escapeWhitespaces) throw unsupportedCheckpoint(file, 'it does not escape spaces (escape_whitespaces)')
  if (specs.whitespaceAsSuffix) throw unsupportedCheckpoint(file, 'its pieces end with spaces (treat_whitespace_as_suffix)')
  return specs.modelType === 1 ? 'unigram' : 'bpe'
}

function checkPieces(file: string, pieces: readonly Piece[], byteFallback: boolean): number {
  const seen = new Map<string, number>()
  let unkId = -1
  const bytes = new Set<string>()
  pieces.forEach((piece, id) => {
    const first = seen.get(piece.text)
    if (first !== undefined) throw invalidCheckpoint(file, `pieces ${first} and ${id} are both "${piece.text}"`)
    seen.set(piece.text, id)
    if (piece.type === TokenType.unknown) {
      if (unkId >= 0) throw invalidCheckpoint(file, `pieces ${unkId} and ${id} are both the unknown piece`)
      unkId = id
    }
    if (piece.type === TokenType.byte) {
      if (!/^<0x[0-9A-F]{2}>$/u.test(piece.text)) throw invalidCheckpoint(file, `byte piece ${id} is "${piece.text}"`)
      bytes.add(piece.text)
    }
  })
  if (unkId < 0) throw invalidCheckpoint(file, 'it has no unknown piece')
  if (byteFallback && bytes.size !== 256) {
    throw invalidCheckpoint(file, `it should have 256 byte pieces, but has ${bytes.size}`)
  }
  return unkId
}

/**
 * Parses a SentencePiece model.
 * file: name or path for error messages.
 * throws: checkpoint_invalid (damaged), checkpoint_unsupported (normalisation that is not implemented).
 */
export function parseSentencePieceModel(bytes: Uint8Array, file: string): SentencePieceModel {
  const pieces: Piece[] = []
  const specs: Specs = {
    modelType: 1,
    byteFallback: false,
    whitespaceAsSuffix: false,
    hasCharsMap: false,
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  }
  try {
    for (const [field, value] of protobufFields(bytes)) {
      if (field > 3 || value.kind !== 'bytes') continue
      if (field === 1) {
        if (pieces.length === MAX_PIECES) throw new ProtobufError(`it has more than ${MAX_PIECES} pieces`)
        pieces.push(readPiece(value.value, pieces.length))
      } else if (field === 2) readTrainerSpec(value.value, specs)
      else readNormalizerSpec(value.value, specs)
    }
  } catch (thrown) {
    if (thrown instanceof ProtobufError) throw invalidCheckpoint(file, thrown.message, thrown)
    throw thrown
  }
  if (pieces.length === 0) throw invalidCheckpoint(file, 'it holds no pieces')
  const model = checkSpecs(file, specs)
  return {
    model,
    pieces: pieces.map((piece) => piece.text),
    scores: Float32Array.from(pieces, (piece) => piece.score),
    types: Uint8Array.from(pieces, (piece) => piece.type),
    byteFallback: specs.byteFallback,
    addDummyPrefix: specs.addDummyPrefix,
    unkId: checkPieces(file, pieces, specs.byteFallback),
  }
}

/** Reads and checks a `tokenizer.model` file. throws: as `parseSentencePieceModel`. */
export async function readSentencePieceModel(path: string): Promise<SentencePieceModel> {
  return parseSentencePieceModel(await readSmallFile(path, MAX_TOKENIZER_BYTES), path)
}
