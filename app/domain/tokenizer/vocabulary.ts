import { PieceTrie } from './piece-trie'
import { TokenType, type TokenizerData } from './tokenizer-data'

/** Called for each piece of a text in order: its id (`unkId` when outside the vocabulary) and its place. */
export type EmitPiece = (id: number, start: number, end: number) => void

/** Cuts normalized text (spaces already written as U+2581) into pieces. */
export interface PieceModel {
  segment(text: string, emit: EmitPiece): void
}

/** A vocabulary indexed for encoding. */
export class Vocabulary {
  readonly data: TokenizerData
  /** What text can become: normal, user-defined and unused pieces. Never control, unknown or byte pieces. */
  readonly ids = new Map<string, number>()
  /** Ids of the byte pieces by byte; -1 where there is none. */
  readonly byteIds = new Int32Array(256).fill(-1)
  /** Byte value by id of a byte piece. */
  readonly byteValues = new Map<number, number>()

  constructor(data: TokenizerData) {
    this.data = data
    for (const [id, piece] of data.pieces.entries()) {
      const type = data.types[id]
      if (type === TokenType.normal || type === TokenType.userDefined || type === TokenType.unused) {
        if (!this.ids.has(piece)) this.ids.set(piece, id)
      } else if (type === TokenType.byte) {
        const hex = /^<0x([0-9A-F]{2})>$/.exec(piece)?.[1]
        if (hex === undefined) continue
        this.byteIds[parseInt(hex, 16)] = id
        this.byteValues.set(id, parseInt(hex, 16))
      }
    }
  }

  typeOf(id: number): number {
    return this.data.types[id] ?? TokenType.unknown
  }

  scoreOf(id: number): number {
    return this.data.scores[id] ?? 0
  }

  /** The pieces of `ids` for which `wanted` holds. */
  trieOf(wanted: (id: number) => boolean): PieceTrie {
    const trie = new PieceTrie()
    for (const [piece, id] of this.ids) {
      if (wanted(id)) trie.add(piece, id)
    }
    return trie
  }
}
