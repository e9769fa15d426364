import type { PictureRef, PlannedPart, RequestPlan } from '../request'
import type { Tokenizer } from '../tokenizer/create-tokenizer'

/** Stands for a picture in the text of a prompt. */
export const IMAGE_PLACEHOLDER = '<image>'

/**
 * Collects text and pictures in order. Text between two pictures is one piece and tokenized on its own, whatever it
 * was put together from (LONGLLAVA-FORMAT section 7, tokens).
 */
export class SequenceBuilder {
  private readonly tokenizer: Tokenizer
  private readonly tokensPerImage: number
  private readonly parts: PlannedPart[] = []
  private text = ''

  constructor(tokenizer: Tokenizer, tokensPerImage: number) {
    this.tokenizer = tokenizer
    this.tokensPerImage = tokensPerImage
  }

  addText(text: string): void {
    this.text += text
  }

  addPicture(picture: PictureRef): void {
    this.flush()
    this.parts.push({ kind: 'picture', picture, tokens: this.tokensPerImage })
  }

  finish(): RequestPlan {
    this.flush()
    const pictures = this.parts.flatMap((part) => (part.kind === 'picture' ? [part.picture] : []))
    return {
      parts: this.parts,
      promptTokens: this.parts.reduce((sum, part) => sum + tokensOf(part), 0),
      pictures: pictures.length,
      frames: pictures.filter(({ kind }) => kind === 'frame').length,
    }
  }

  private flush(): void {
    const tokens = this.tokenizer.encode(this.text, { parseSpecial: true })
    if (tokens.length > 0) this.parts.push({ kind: 'text', text: this.text, tokens })
    this.text = ''
  }
}

/** Positions that a part takes. */
export function tokensOf(part: PlannedPart): number {
  return part.kind === 'text' ? part.tokens.length : part.tokens
}
