import type { ModelDescription } from '../../app/domain/model-description'
import { composeRequest } from '../../app/domain/prompts/compose-request'
import type { RequestTurn } from '../../app/domain/request'
import type { Tokenizer } from '../../app/domain/tokenizer/create-tokenizer'

/** Stands for a position of a picture among token ids. */
export const PICTURE_POSITION = -1

/** A turn with the reply to learn. */
export interface TrainingTurn extends RequestTurn {
  readonly reply: string
  /** Number of the task that the reply counts for. */
  readonly task: number
}

/** Where a reply stands: tokens [start, end), the end token with it. */
export interface ReplySpan {
  readonly task: number
  readonly start: number
  readonly end: number
}

export interface TrainingSequence {
  /** Token ids; `PICTURE_POSITION` for each position of a picture. */
  readonly tokens: Int16Array
  /** 1: this token is to be predicted from those before it. */
  readonly mask: Uint8Array
  /** Frames of the bank, in the order of their positions. */
  readonly pictures: Int32Array
  readonly spans: readonly ReplySpan[]
}

/** How the model that is trained is talked to. */
export interface PromptContext {
  readonly description: ModelDescription
  readonly tokenizer: Tokenizer
}

/**
 * A conversation as the program would compose it with its last reply given, closed by the end token. Only replies and
 * their end tokens are to be predicted.
 *
 * @param bankFrames the pictures of all media in order, as frames of the bank
 * @throws RangeError of no turn, of more or fewer pictures than the media have, of a video without frames, and of a text that holds strings of the template
 */
export function composeSequence(
  turns: readonly TrainingTurn[],
  bankFrames: readonly number[],
  { description, tokenizer }: PromptContext,
): TrainingSequence {
  const last = turns.at(-1)
  if (last === undefined) throw new RangeError('expected at least one turn, got none')
  const open = [...turns.slice(0, -1), { question: last.question, media: last.media }]
  const plan = composeRequest(open, description, tokenizer, { continueReply: last.reply })
  if (plan.pictures !== bankFrames.length) {
    throw new RangeError(`expected ${plan.pictures} pictures, got ${bankFrames.length}`)
  }
  const end = tokenizer.encode(description.prompt.assistantAfter, { parseSpecial: true })
  const tokens = new Int16Array(plan.promptTokens + end.length)
  let at = 0
  for (const part of plan.parts) {
    if (part.kind === 'text') {
      tokens.set(part.tokens, at)
      at += part.tokens.length
    } else {
      tokens.fill(PICTURE_POSITION, at, at + part.tokens)
      at += part.tokens
    }
  }
  tokens.set(end, at)
  const opener = tokenizer.encode(description.prompt.assistantBefore, { parseSpecial: true })
  const spans = replySpans(tokens, opener, end, turns)
  const mask = new Uint8Array(tokens.length)
  for (const span of spans) mask.fill(1, span.start, span.end)
  return { tokens, mask, pictures: Int32Array.from(bankFrames), spans }
}

/** What stands between an opener and the next end, for each turn. */
function replySpans(
  tokens: Int16Array,
  opener: readonly number[],
  end: readonly number[],
  turns: readonly TrainingTurn[],
): ReplySpan[] {
  const spans: ReplySpan[] = []
  let at = 0
  for (const { task } of turns) {
    const start = find(tokens, opener, at)
    at = find(tokens, end, start)
    spans.push({ task, start, end: at })
  }
  if (at !== tokens.length)
    throw new RangeError('expected no string of the template in questions and replies')
  return spans
}

/** The position behind the next occurrence of `wanted`. */
function find(tokens: Int16Array, wanted: readonly number[], from: number): number {
  for (let start = from; start + wanted.length <= tokens.length; start += 1) {
    if (wanted.every((id, offset) => tokens[start + offset] === id)) return start + wanted.length
  }
  throw new RangeError('expected a reply for each turn, found fewer')
}
