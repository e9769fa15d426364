import { MergeQueue } from './merge-queue'
import type { PieceTrie } from './piece-trie'
import { TokenType } from './tokenizer-data'
import type { EmitPiece, PieceModel, Vocabulary } from './vocabulary'

/** Symbols of a text as a linked list over arrays: symbol i spans [start[i], end[i]); -1 ends the list. */
interface Symbols {
  readonly start: number[]
  readonly end: number[]
  readonly previous: number[]
  readonly next: number[]
  /** User-defined pieces: they are never merged with anything. */
  readonly frozen: boolean[]
}

/**
 * SentencePiece's byte-pair encoding: the text begins as single characters (and user-defined pieces, longest first);
 * the neighbours whose concatenation is the piece with the highest score are merged, leftmost first, until none are
 * left. A priority queue with stale entries makes it n log n. Reference: sentencepiece/src/bpe_model.cc.
 */
export class BpeModel implements PieceModel {
  private readonly vocabulary: Vocabulary
  private readonly userDefined: PieceTrie

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
    this.userDefined = vocabulary.trieOf((id) => vocabulary.typeOf(id) === TokenType.userDefined)
  }

  segment(text: string, emit: EmitPiece): void {
    if (text === '') return
    const symbols = this.split(text)
    const splits = this.merge(text, symbols)
    for (let at = 0; at !== -1; at = symbols.next[at] ?? -1) {
      this.emitPiece(text, symbols.start[at] ?? 0, symbols.end[at] ?? 0, splits, emit)
    }
  }

  private split(text: string): Symbols {
    const symbols: Symbols = { start: [], end: [], previous: [], next: [], frozen: [] }
    let at = 0
    while (at < text.length) {
      const matched = this.userDefined.longestEnd(text, at)
      const end = matched > at ? matched : at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
      const index = symbols.start.length
      symbols.start.push(at)
      symbols.end.push(end)
      symbols.previous.push(index - 1)
      symbols.next.push(end < text.length ? index + 1 : -1)
      symbols.frozen.push(matched > at)
      at = end
    }
    return symbols
  }

  /** Merges until nothing merges; returns where unused pieces that arose on the way were joined. */
  private merge(text: string, { start, end, previous, next, frozen }: Symbols): Map<string, number> {
    const queue = new MergeQueue()
    const splits = new Map<string, number>()
    const offer = (left: number, right: number) => {
      if (left === -1 || right === -1 || frozen[left] === true || frozen[right] === true) return
      const from = start[left] ?? 0
      const to = end[right] ?? 0
      const piece = text.slice(from, to)
      const id = this.vocabulary.ids.get(piece)
      if (id === undefined) return
      queue.push({ left, right, size: to - from, score: this.vocabulary.scoreOf(id) })
      if (this.vocabulary.typeOf(id) === TokenType.unused) splits.set(piece, (end[left] ?? 0) - from)
    }
    for (let right = 1; right < start.length; right += 1) offer(right - 1, right)
    for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
      const { left, right, size } = top
      // A symbol that was merged away has an empty span; one that grew no longer adds up to `size`.
      if (start[left] === end[left] || start[right] === end[right]) continue
      if ((end[right] ?? 0) - (start[left] ?? 0) !== size || next[left] !== right) continue
      end[left] = end[right] ?? 0
      end[right] = start[right] ?? 0
      const after = next[right] ?? -1
      next[left] = after
      if (after !== -1) previous[after] = left
      offer(previous[left] ?? -1, left)
      offer(left, after)
    }
    return splits
  }

  /** Unused pieces only serve as steps of merging: they come apart again. */
  private emitPiece(
    text: string,
    start: number,
    end: number,
    splits: ReadonlyMap<string, number>,
    emit: EmitPiece,
  ): void {
    const piece = text.slice(start, end)
    const id = this.vocabulary.ids.get(piece) ?? this.vocabulary.data.unkId
    const split = this.vocabulary.typeOf(id) === TokenType.unused ? splits.get(piece) : undefined
    if (split === undefined) {
      emit(id, start, end)
    } else {
      this.emitPiece(text, start, start + split, splits, emit)
      this.emitPiece(text, start + split, end, splits, emit)
    }
  }
}
