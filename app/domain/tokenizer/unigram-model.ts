import type { PieceTrie } from './piece-trie'
import { TokenType } from './tokenizer-data'
import { utf8Length } from './utf8'
import type { EmitPiece, PieceModel, Vocabulary } from './vocabulary'

/** How much worse than the worst piece a character outside the vocabulary is. */
const UNKNOWN_PENALTY = 10
/** C++'s FLT_MIN. SentencePiece begins its search for the highest score there, so negative scores never raise it. */
const FLOAT_MIN = 2 ** -126

/**
 * SentencePiece's unigram model: the path through all pieces with the highest sum of scores. User-defined pieces
 * cost next to nothing, so they win wherever they fit. Sums are rounded to single precision where SentencePiece
 * rounds them, so that ties fall the same way. Reference: sentencepiece/src/unigram_model.cc, EncodeOptimized.
 */
export class UnigramModel implements PieceModel {
  private readonly vocabulary: Vocabulary
  private readonly trie: PieceTrie
  /** What choosing a piece adds to a path, by id. */
  private readonly scores: Float64Array
  private readonly unknownScore: number

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
    this.trie = vocabulary.trieOf((id) => vocabulary.typeOf(id) !== TokenType.unused)
    let lowest = Infinity
    let highest = FLOAT_MIN
    for (const id of vocabulary.data.pieces.keys()) {
      if (vocabulary.typeOf(id) !== TokenType.normal) continue
      lowest = Math.min(lowest, vocabulary.scoreOf(id))
      highest = Math.max(highest, vocabulary.scoreOf(id))
    }
    this.unknownScore = Math.fround(Math.fround(lowest) - UNKNOWN_PENALTY)
    this.scores = Float64Array.from(vocabulary.data.pieces, (piece, id) =>
      vocabulary.typeOf(id) === TokenType.userDefined
        ? Math.fround(utf8Length(piece) * Math.fround(highest)) - 0.1
        : Math.fround(vocabulary.scoreOf(id)),
    )
  }

  segment(text: string, emit: EmitPiece): void {
    const { from, ids } = this.bestPath(text)
    const ends: number[] = []
    for (let end = text.length; end > 0; end = from[end] ?? 0) ends.push(end)
    for (const end of ends.reverse()) emit(ids[end] ?? this.vocabulary.data.unkId, from[end] ?? 0, end)
  }

  /** For each place: where the last piece of the best path to it begins, and its id. */
  private bestPath(text: string): { from: Int32Array; ids: Int32Array } {
    const from = new Int32Array(text.length + 1).fill(-1)
    const ids = new Int32Array(text.length + 1)
    const best = new Float32Array(text.length + 1)
    const offer = (id: number, start: number, end: number, score: number) => {
      const total = score + (best[start] ?? 0)
      if (from[end] !== -1 && total <= (best[end] ?? 0)) return
      best[end] = total
      from[end] = start
      ids[end] = id
    }
    for (let start = 0; start < text.length;) {
      const characterEnd = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1)
      const here = start
      const found = { character: false }
      this.trie.forEachAt(text, here, (id, end) => {
        offer(id, here, end, this.scores[id] ?? 0)
        if (end === characterEnd) found.character = true
      })
      if (!found.character) offer(this.vocabulary.data.unkId, here, characterEnd, this.unknownScore)
      start = characterEnd
    }
    return { from, ids }
  }
}
