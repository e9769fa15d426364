import { tileGrid } from '../media/tile-layout'
import type { ModelDescription } from '../model-description'
import type { RequestMedia, RequestPlan, RequestTurn } from '../request'
import { formatMinutesSeconds } from '../time/timecode'
import type { Tokenizer } from '../tokenizer/create-tokenizer'
import { IMAGE_PLACEHOLDER, SequenceBuilder } from './sequence-builder'

export interface ComposeOptions {
  /** Text of a broken-off reply that generation goes on with; empty or absent to begin a new one. */
  readonly continueReply?: string
}

/**
 * The exact sequence of token ids and pictures for a conversation whose last turn is open. Every picture of every turn
 * is placed, before the turn's question; a literal `<image>` in a question is plain text. With the official template
 * this gives the strings and ids of the official chat program (LONGLLAVA-FORMAT section 7), except for the quirks that
 * section 12 leaves: each tiled picture holds its own tiles, and a single frame is wrapped once.
 *
 * @throws RangeError when a past turn has no reply, the last one has, there is none, or a video has no frames
 */
export function composeRequest(
  turns: readonly RequestTurn[],
  description: ModelDescription,
  tokenizer: Tokenizer,
  options: ComposeOptions = {},
): RequestPlan {
  const composer = new RequestComposer(description, tokenizer)
  if (turns.length === 0) throw new RangeError('expected at least one turn, got none')
  for (const [index, turn] of turns.entries()) {
    const isLast = index === turns.length - 1
    if ((turn.reply === undefined) !== isLast) {
      throw new RangeError(`expected a reply in every turn but the last, got it wrong in turn ${index}`)
    }
    composer.addTurn(turn, options.continueReply ?? '')
  }
  return composer.finish()
}

/** The text of a plan with `<image>` for each picture, as the official program writes prompts. For people to read. */
export function planText(plan: RequestPlan): string {
  return plan.parts.map((part) => (part.kind === 'text' ? part.text : IMAGE_PLACEHOLDER)).join('')
}

class RequestComposer {
  private readonly description: ModelDescription
  private readonly sequence: SequenceBuilder
  /** Media so far, over all turns. */
  private media = 0

  constructor(description: ModelDescription, tokenizer: Tokenizer) {
    this.description = description
    this.sequence = new SequenceBuilder(tokenizer, description.vision.tokensPerImage)
  }

  finish(): RequestPlan {
    return this.sequence.finish()
  }

  addTurn(turn: RequestTurn, continueReply: string): void {
    const { sequence } = this
    const { prompt } = this.description
    sequence.addText(prompt.userBefore)
    for (const media of turn.media) {
      this.addMedia(media)
      this.media += 1
    }
    sequence.addText(prompt.questionBefore + turn.question + prompt.userAfter + prompt.assistantBefore)
    if (turn.reply !== undefined) sequence.addText(prompt.replyBefore + turn.reply + prompt.assistantAfter)
    else if (continueReply !== '') sequence.addText(prompt.replyBefore + continueReply)
  }

  private addMedia(media: RequestMedia): void {
    if (media.kind === 'video') this.addVideo(media)
    else if (media.tiled) this.addTiledImage(media)
    else this.addImage(media)
  }

  private addImage({ page }: RequestMedia & { kind: 'image' }): void {
    const { image } = this.description.prompt
    this.sequence.addText(image.before)
    this.sequence.addPicture({ kind: 'image', media: this.media, page })
    this.sequence.addText(image.after + image.terminator)
  }

  private addTiledImage({ page, width, height }: RequestMedia & { kind: 'image' }): void {
    const { sequence, media } = this
    const { tiles, image } = this.description.prompt
    const { rows, columns } = tileGrid(width, height, this.description.vision.image.side)
    sequence.addText(tiles.before)
    sequence.addPicture({ kind: 'image', media, page })
    sequence.addText(tiles.wholeAfter)
    for (let row = 0; row < rows; row += 1) {
      if (row > 0) sequence.addText(tiles.rowSeparator)
      for (let column = 0; column < columns; column += 1) {
        sequence.addText(tiles.tileBefore)
        sequence.addPicture({ kind: 'tile', media, page, row, column })
        sequence.addText(tiles.tileAfter)
      }
    }
    sequence.addText(tiles.after + image.terminator)
  }

  private addVideo({ frames }: RequestMedia & { kind: 'video' }): void {
    const { sequence, media } = this
    const { video } = this.description.prompt
    if (frames.length === 0) throw new RangeError(`expected at least one frame of medium ${media}, got none`)
    sequence.addText(video.before)
    for (const [index, { frame, seconds }] of frames.entries()) {
      const isLast = index === frames.length - 1
      const label = video.label === 'mm:ss' ? formatMinutesSeconds(seconds) : ''
      const [labelBefore, labelAfter] = video.labelPlace === 'before' ? [label, ''] : ['', label]
      sequence.addText((index > 0 ? video.separator : '') + labelBefore + video.frameBefore)
      sequence.addPicture({ kind: 'frame', media, frame, seconds })
      sequence.addText((isLast ? video.lastFrameAfter : video.frameAfter) + labelAfter)
    }
    sequence.addText(video.after)
  }
}
