import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { base } from './base'
import { keptFailureSchema } from './error-map'
import { itemIdSchema } from './library'

export const idSchema = z.string().regex(/^[a-z0-9]{8,32}$/)
const questionSchema = z.string().trim().min(1).max(100_000)

/** A chip: a library item in a question, whole or in part. */
export const mediaChipSchema = z.strictObject({
  itemId: itemIdSchema,
  /** Part of a video, seconds; null for all of it. */
  range: z.strictObject({ start: z.number().min(0), end: z.number().positive() }).nullable(),
  /** Read the picture as a whole and in full-resolution tiles. */
  tiles: z.boolean(),
})
export type MediaChip = z.infer<typeof mediaChipSchema>

export const citationSchema = z.strictObject({
  /** The item it speaks of: of this turn or, in a follow-up question, of an earlier one. */
  itemId: itemIdSchema,
  startSeconds: z.number().min(0),
  endSeconds: z.number().min(0),
  /** Where in the answer's text it stands: UTF-16 offsets. */
  textStart: z.number().int().min(0),
  textEnd: z.number().int().min(0),
})
export type Citation = z.infer<typeof citationSchema>

export const usageSchema = z.strictObject({
  frames: z.number().int().min(0),
  promptTokens: z.number().int().min(0),
  answerTokens: z.number().int().min(0),
  prefillSeconds: z.number().min(0),
  firstTokenSeconds: z.number().min(0),
  snapshot: z.enum(['hit', 'miss', 'none']),
})
export type Usage = z.infer<typeof usageSchema>

/** What is being done before the first token. `secondsLeft` is null until it can be told. */
export const progressSchema = z.strictObject({
  stage: z.enum(['load', 'decode', 'encode', 'prefill']),
  done: z.number().min(0),
  total: z.number().min(0),
  secondsLeft: z.number().min(0).nullable(),
})
export type Progress = z.infer<typeof progressSchema>

/**
 * waiting → reading → streaming → done | stopped | failed. A turn found open when the program starts, or whose engine
 * died, is `interrupted`: its text so far is kept and it can be continued.
 */
export const turnStatusSchema = z.enum([
  'waiting',
  'reading',
  'streaming',
  'done',
  'stopped',
  'interrupted',
  'failed',
])
export type TurnStatus = z.infer<typeof turnStatusSchema>

export const turnSchema = z.strictObject({
  id: idSchema,
  conversationId: idSchema,
  question: z.string(),
  media: z.array(mediaChipSchema),
  answer: z.string(),
  status: turnStatusSchema,
  failure: keptFailureSchema.nullable(),
  citations: z.array(citationSchema),
  usage: usageSchema.nullable(),
  /** Name of the model that answered. */
  model: z.string(),
  askedAt: z.iso.datetime(),
})
export type Turn = z.infer<typeof turnSchema>

export const conversationSummarySchema = z.strictObject({
  id: idSchema,
  title: z.string(),
  updatedAt: z.iso.datetime(),
  turns: z.number().int().min(0),
})
export type ConversationSummary = z.infer<typeof conversationSummarySchema>

export const draftSchema = z.strictObject({
  text: z.string().max(100_000),
  media: z.array(mediaChipSchema).max(1000),
})
export type Draft = z.infer<typeof draftSchema>

export const conversationSchema = conversationSummarySchema.extend({
  items: z.array(turnSchema),
  draft: draftSchema,
})
export type Conversation = z.infer<typeof conversationSchema>

/**
 * The life of one turn as a window sees it: first `state` (everything so far), then what changes. `text` events
 * append; none is dropped or reordered. Ends after a `state` whose status is final.
 */
export const turnEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('state'), turn: turnSchema }),
  z.strictObject({ kind: z.literal('progress'), progress: progressSchema }),
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
])
export type TurnEvent = z.infer<typeof turnEventSchema>

/** What a question would take, told before anything runs. */
export const requestCostSchema = z.strictObject({
  frames: z.number().int().min(0),
  pictures: z.number().int().min(0),
  promptTokens: z.number().int().min(0),
  contextTokens: z.number().int().min(1),
  fits: z.boolean(),
  /** What would fit, when it does not. */
  plan: z.string(),
})
export type RequestCost = z.infer<typeof requestCostSchema>

const turnRef = z.strictObject({ turnId: idSchema })
const conversationRef = z.strictObject({ conversationId: idSchema })
const ask = z.strictObject({
  conversationId: idSchema,
  question: questionSchema,
  media: z.array(mediaChipSchema).max(1000),
})

export const chat = {
  list: base.output(z.array(conversationSummarySchema)),
  create: base.output(conversationSchema),
  get: base.input(conversationRef).output(conversationSchema),
  rename: base.input(conversationRef.extend({ title: z.string().trim().min(1).max(200) })).output(z.void()),
  remove: base.input(conversationRef).output(z.void()),
  /** Undoes `remove`. */
  restore: base.input(conversationRef).output(conversationSchema),
  saveDraft: base.input(conversationRef.extend({ draft: draftSchema })).output(z.void()),
  cost: base.input(ask.extend({ question: z.string().max(100_000) })).output(requestCostSchema),
  /** Saves the turn, then answers it; the answer goes on when the window that asked closes. */
  ask: base.input(ask).output(turnSchema),
  follow: base.input(turnRef).output(eventIterator(turnEventSchema)),
  stop: base.input(turnRef).output(z.void()),
  /** Asks the last question again, as it was or edited; its answer is replaced once the new one has a word. */
  retry: base.input(turnRef.extend({ question: questionSchema.optional() })).output(turnSchema),
  /** Goes on with an answer that was stopped or interrupted, keeping its text. */
  resume: base.input(turnRef).output(turnSchema),
}
