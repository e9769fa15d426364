import { fileURLToPath } from 'node:url'

/** The tokenizer of Longlens-Tiny, as training makes it. */
export const tinyTokenizerFile = fileURLToPath(
  new URL('../../training/tokenizer/tokenizer.model', import.meta.url),
)
