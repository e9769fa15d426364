import { z } from 'zod'
import { keptFailureSchema } from '../../contract/error-map'
import type { LibraryItem } from '../../contract/library'

const flag = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1)

/** A JSON column, parsed through its schema. */
export function jsonColumn<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema)
}

export const itemRow = z.object({
  id: z.string(),
  kind: z.enum(['video', 'image', 'folder']),
  name: z.string(),
  path: z.string(),
  real_path: z.string(),
  added_at: z.number(),
  size_bytes: z.number(),
  modified_at: z.number(),
  width: z.number(),
  height: z.number(),
  duration_seconds: z.number(),
  frame_rate: z.number(),
  has_audio: flag,
  pages: z.number(),
  entries: z.number(),
  playable: flag,
  sample: flag,
  suggested_questions: jsonColumn(z.array(z.string())),
  problem: jsonColumn(keptFailureSchema).nullable(),
  removed_at: z.number().nullable(),
})
export type ItemRow = z.infer<typeof itemRow>

export function toLibraryItem(row: ItemRow): LibraryItem {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    path: row.path,
    addedAt: new Date(row.added_at).toISOString(),
    sizeBytes: row.size_bytes,
    width: row.width,
    height: row.height,
    durationSeconds: row.duration_seconds,
    frameRate: row.frame_rate,
    hasAudio: row.has_audio,
    pages: row.pages,
    entries: row.entries,
    playable: row.playable,
    sample: row.sample,
    suggestedQuestions: row.suggested_questions,
    problem: row.problem,
  }
}
