import type { Tokenizer } from '../tokenizer/create-tokenizer'
import { officialTemplate } from './official-template'
import { IMAGE_PLACEHOLDER } from './sequence-builder'

/** Stands for one picture among token ids, as in the official code. */
export const IMAGE_MARK = -200

export interface RawPromptOptions {
  /** Puts this many frames of a video in front of the text; 0 is a video without frames. */
  readonly videoFrames?: number
  /** Tiles of the picture behind each `<image>` of the text, in order; null for one without. */
  readonly tiles?: readonly ({ readonly rows: number; readonly columns: number } | null)[]
}

export interface RawPrompt {
  /** The whole prompt with `<image>` for each picture. */
  readonly prompt: string
  /** Its ids, `IMAGE_MARK` for each picture. */
  readonly inputIds: readonly number[]
}

/**
 * The prompt of the official chat program for a text that says itself where its pictures go (LONGLLAVA-FORMAT section
 * 7): `<image>` is wrapped unless the text has a wrapped one already, and nothing is added to a text without it. For
 * scripts that bring official prompts along; the program itself uses `composeRequest`. Of the quirks of section 12 a
 * single frame is wrapped once, and each tiled picture holds its own tiles.
 */
export function composeRawPrompt(
  text: string,
  tokenizer: Tokenizer,
  options: RawPromptOptions = {},
): RawPrompt {
  const content =
    options.videoFrames === undefined
      ? withTiles(wrapPlaceholders(text), options.tiles ?? [])
      : videoText(options.videoFrames) + text
  const prompt = renderConversation([content, null])
  const pieces = prompt.split(IMAGE_PLACEHOLDER)
  const inputIds = pieces.flatMap((piece, index) => [
    ...(index > 0 ? [IMAGE_MARK] : []),
    ...tokenizer.encode(piece, { parseSpecial: true }),
  ])
  return { prompt, inputIds }
}

/**
 * The official conversation template. Messages alternate between person and model; a null asks for the model's reply.
 * `history` closes past replies with a newline, `training` with the end token that the model learns to write; the
 * last reply ends with the end token in both, and a reply that holds one already gets nothing.
 */
export function renderConversation(
  messages: readonly (string | null)[],
  style: 'history' | 'training' = 'history',
): string {
  const { userBefore, userAfter, assistantBefore, assistantAfter } = officialTemplate
  const close = (message: string, isLast: boolean) => {
    if (message.includes(END_TEXT)) return ''
    return isLast || style === 'training' ? END_TEXT : assistantAfter
  }
  return messages
    .map((message, index) => {
      if (index % 2 === 0) return userBefore + (message ?? '') + userAfter
      return (
        assistantBefore + (message === null ? '' : message + close(message, index === messages.length - 1))
      )
    })
    .join('')
}

const END_TEXT = '<|endoftext|>'

function wrapPlaceholders(text: string): string {
  const { before, after } = officialTemplate.image
  return text.includes(after) ? text : text.replaceAll(IMAGE_PLACEHOLDER, before + IMAGE_PLACEHOLDER + after)
}

/** The tiles of a picture follow its mark, inside its wrapping. */
function withTiles(text: string, tiles: NonNullable<RawPromptOptions['tiles']>): string {
  const { wholeAfter, tileBefore, tileAfter, rowSeparator } = officialTemplate.tiles
  let picture = 0
  return text.replaceAll(IMAGE_PLACEHOLDER, () => {
    const grid = tiles[picture] ?? null
    picture += 1
    if (grid === null) return IMAGE_PLACEHOLDER
    const row = (tileBefore + IMAGE_PLACEHOLDER + tileAfter).repeat(grid.columns)
    const rows = Array.from({ length: grid.rows }, () => row)
    return IMAGE_PLACEHOLDER + wholeAfter + rows.join(rowSeparator)
  })
}

/** The official code strips `<`, `t` and `>` from the end, to lose the last `<t>`, and so breaks the last `</img>`. */
function videoText(frames: number): string {
  const { before, frameBefore, frameAfter, separator, after } = officialTemplate.video
  const frame = frameBefore + IMAGE_PLACEHOLDER + frameAfter + separator
  return (before + frame.repeat(frames)).replace(/[<t>]+$/, '') + after
}
