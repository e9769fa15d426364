import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { base } from './base'
import { modelDescriptionSchema } from '../domain/model-description'
import { keptFailureSchema } from './error-map'

export const modelEntrySchema = z.strictObject({
  folder: z.string(),
  bundled: z.boolean(),
  chosen: z.boolean(),
  sizeBytes: z.number().int().min(0),
  /** null when the folder cannot be read; `problem` says why. */
  description: modelDescriptionSchema.nullable(),
  problem: keptFailureSchema.nullable(),
})
export type ModelEntry = z.infer<typeof modelEntrySchema>

export const importEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('progress'),
    stage: z.enum(['check', 'language', 'vision', 'quantize']),
    doneBytes: z.number().min(0),
    totalBytes: z.number().min(0),
    secondsLeft: z.number().min(0).nullable(),
  }),
  z.strictObject({ kind: z.literal('done'), model: modelEntrySchema }),
])
export type ImportEvent = z.infer<typeof importEventSchema>

/** A longer file is no card that anybody reads, and would make the window slow. */
export const MAX_CARD_BYTES = 256 * 1024

export const modelCardSchema = z.strictObject({
  /** Without its YAML front matter; null for a model that has no card. */
  markdown: z.string().max(MAX_CARD_BYTES).nullable(),
})
export type ModelCard = z.infer<typeof modelCardSchema>

const folder = z.string().min(1).max(32_768)

export const models = {
  list: base.output(z.array(modelEntrySchema)),
  /** What the model's makers say of it: the file README.md in the folder of a listed model, and no other file. */
  card: base.input(z.strictObject({ folder })).output(modelCardSchema),
  choose: base.input(z.strictObject({ folder })).output(modelEntrySchema),
  importCheckpoint: base
    .input(
      z.strictObject({
        checkpointFolder: folder,
        visionFolder: folder.optional(),
        name: z.string().trim().min(1).max(100),
        quantize: z.enum(['f16', 'bf16', 'q8_0', 'q4_k_m']).optional(),
      }),
    )
    .output(eventIterator(importEventSchema)),
  /** Deletes an imported model's folder; the bundled model cannot be removed. */
  remove: base.input(z.strictObject({ folder })).output(z.void()),
}
