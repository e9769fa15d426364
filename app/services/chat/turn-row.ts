import { z } from 'zod'
import {
  citationSchema,
  type ConversationSummary,
  draftSchema,
  type MediaChip,
  type Turn,
  turnStatusSchema,
  type TurnStatus,
  usageSchema,
} from '../../contract/chat'
import { keptFailureSchema } from '../../contract/error-map'
import { jsonColumn } from '../library/item-row'

/** What a retry keeps of the answer before, until it has text of its own. */
export const previousSchema = z.strictObject({
  /** What that answer answers. Absent where an earlier version wrote it, which kept nothing of an edited question. */
  question: z.string().optional(),
  answer: z.string(),
  status: turnStatusSchema,
  failure: keptFailureSchema.nullable(),
  citations: z.array(citationSchema),
  usage: usageSchema.nullable(),
  model: z.string(),
})
export type Previous = z.infer<typeof previousSchema>

export const turnRow = z.object({
  id: z.string(),
  conversation_id: z.string(),
  position: z.number(),
  question: z.string(),
  answer: z.string(),
  status: turnStatusSchema,
  failure: jsonColumn(keptFailureSchema).nullable(),
  citations: jsonColumn(z.array(citationSchema)),
  usage: jsonColumn(usageSchema).nullable(),
  model: z.string(),
  asked_at: z.number(),
  owner: z.string().nullable(),
  stop_requested: z.number(),
  previous: jsonColumn(previousSchema).nullable(),
})
export type TurnRow = z.infer<typeof turnRow>

export const conversationRow = z.object({
  id: z.string(),
  title: z.string(),
  titled: z.number(),
  updated_at: z.number(),
  draft: jsonColumn(draftSchema),
  removed_at: z.number().nullable(),
  turns: z.number(),
})
export type ConversationRow = z.infer<typeof conversationRow>

const openStatuses: readonly TurnStatus[] = ['waiting', 'reading', 'streaming']

/** An open turn is being answered, or waits for it. */
export function isOpen(status: TurnStatus): boolean {
  return openStatuses.includes(status)
}

export function toTurn(row: TurnRow, media: MediaChip[]): Turn {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    question: row.question,
    media,
    answer: row.answer,
    status: row.status,
    failure: row.failure,
    citations: row.citations,
    usage: row.usage,
    model: row.model,
    askedAt: new Date(row.asked_at).toISOString(),
  }
}

export function toSummary(row: ConversationRow): ConversationSummary {
  return { id: row.id, title: row.title, updatedAt: new Date(row.updated_at).toISOString(), turns: row.turns }
}
