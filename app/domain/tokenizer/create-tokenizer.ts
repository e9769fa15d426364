import { BpeModel } from './bpe-model'
import { TokenType, type TokenizerData } from './tokenizer-data'
import { UnigramModel } from './unigram-model'
import { decodeUtf8, pushUtf8 } from './utf8'
import { Vocabulary, type PieceModel } from './vocabulary'

/** SentencePiece writes spaces as this character. */
const SPACE_MARK = '\u2581'
/** What SentencePiece shows for the unknown piece. */
const UNKNOWN_TEXT = ' \u2047 '

export interface EncodeOptions {
  /** Whether special strings in the text become their one token, as in prompts. Off: they are read as plain text. */
  readonly parseSpecial?: boolean
}

export interface Tokenizer {
  /** Ids of a text; nothing is added in front or behind. Lone surrogates are read as U+FFFD. */
  encode(text: string, options?: EncodeOptions): number[]
  /** Text of ids. Control pieces have none; bytes that make no character become U+FFFD. */
  decode(ids: readonly number[]): string
}

/**
 * A SentencePiece tokenizer with the identity normalizer: the same ids as the reference implementation, token for
 * token. Safe for text of any length and content.
 */
export function createTokenizer(data: TokenizerData): Tokenizer {
  return new SentencePieceTokenizer(data)
}

class SentencePieceTokenizer implements Tokenizer {
  private readonly vocabulary: Vocabulary
  private readonly model: PieceModel
  private readonly specialIds: ReadonlyMap<string, number>
  /** Matches any special string, longest first; null when there is none. */
  private readonly specialPattern: RegExp | null

  constructor(data: TokenizerData) {
    this.vocabulary = new Vocabulary(data)
    this.model = data.model === 'bpe' ? new BpeModel(this.vocabulary) : new UnigramModel(this.vocabulary)
    this.specialIds = new Map(
      data.specials.flatMap((id): [string, number][] => {
        const piece = data.pieces[id] ?? ''
        return piece === '' ? [] : [[piece, id]]
      }),
    )
    const strings = [...this.specialIds.keys()].sort((a, b) => b.length - a.length)
    this.specialPattern = strings.length === 0 ? null : new RegExp(strings.map(escapePattern).join('|'), 'g')
  }

  encode(text: string, { parseSpecial = false }: EncodeOptions = {}): number[] {
    const ids: number[] = []
    const wellFormed = text.toWellFormed()
    if (!parseSpecial || this.specialPattern === null) {
      this.encodeText(wellFormed, ids)
      return ids
    }
    let at = 0
    for (const match of wellFormed.matchAll(this.specialPattern)) {
      this.encodeText(wellFormed.slice(at, match.index), ids)
      const id = this.specialIds.get(match[0])
      if (id !== undefined) ids.push(id)
      at = match.index + match[0].length
    }
    this.encodeText(wellFormed.slice(at), ids)
    return ids
  }

  private encodeText(text: string, ids: number[]): void {
    if (text === '') return
    const { addSpacePrefix, byteFallback, unkId } = this.vocabulary.data
    const normalized = (addSpacePrefix ? ' ' + text : text).replaceAll(' ', SPACE_MARK)
    let lastUnknownEnd = -1
    this.model.segment(normalized, (id, start, end) => {
      if (id !== unkId) {
        ids.push(id)
      } else if (byteFallback) {
        this.pushBytes(normalized.slice(start, end), ids)
      } else {
        // A run of unknown characters is one unknown piece.
        if (lastUnknownEnd !== start) ids.push(unkId)
        lastUnknownEnd = end
      }
    })
  }

  private pushBytes(characters: string, ids: number[]): void {
    const bytes: number[] = []
    for (const character of characters) pushUtf8(character.codePointAt(0) ?? 0, bytes)
    for (const byte of bytes) {
      const id = this.vocabulary.byteIds[byte] ?? -1
      ids.push(id === -1 ? this.vocabulary.data.unkId : id)
    }
  }

  decode(ids: readonly number[]): string {
    const { pieces, addSpacePrefix } = this.vocabulary.data
    let text = ''
    let bytes: number[] = []
    // The space that encoding put in front is taken away again, once, from the first piece that has text.
    let stripsSpace = addSpacePrefix
    for (const id of ids) {
      const byte = this.vocabulary.byteValues.get(id)
      if (byte !== undefined) {
        bytes.push(byte)
        continue
      }
      text += decodeUtf8(bytes)
      bytes = []
      const type = this.vocabulary.typeOf(id)
      if (type === TokenType.control) continue
      let piece = type === TokenType.unknown ? UNKNOWN_TEXT : (pieces[id] ?? '').replaceAll(SPACE_MARK, ' ')
      if (stripsSpace && text === '' && type !== TokenType.unknown && piece.startsWith(' '))
        piece = piece.slice(1)
      stripsSpace = false
      text += piece
    }
    return text + decodeUtf8(bytes)
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
