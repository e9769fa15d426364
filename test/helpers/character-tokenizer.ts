import type { Tokenizer } from '../../app/domain/tokenizer/create-tokenizer'

/** One token per UTF-16 unit: token counts in tests can be read off the text. */
export const characterTokenizer: Tokenizer = {
  encode: (text) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)),
  decode: (ids) => String.fromCharCode(...ids),
}
