import { z } from 'zod'
import { base } from './base'

export const settingsSchema = z.strictObject({
  /** Most frames of a video given to the model; null takes the model's own default. */
  maxFrames: z.number().int().min(1).max(100_000).nullable(),
  /** Seconds between frames; null takes the model's own default. */
  intervalSeconds: z.number().positive().max(86_400).nullable(),
  /** null lets the program choose by the machine's cores. */
  threads: z.number().int().min(1).max(512).nullable(),
  /** Longest answer, tokens; null takes the model's own default. */
  maxTokens: z.number().int().min(1).max(100_000).nullable(),
  /** Largest context, tokens; null lets the program choose by the memory there is. */
  contextTokens: z.number().int().min(256).max(10_000_000).nullable(),
  theme: z.enum(['system', 'light', 'dark']),
})
export type Settings = z.infer<typeof settingsSchema>

/** Where things are kept; shown, and changed through LONGLENS_HOME. */
export const foldersSchema = z.strictObject({ data: z.string(), cache: z.string(), models: z.string() })

export const settings = {
  get: base.output(settingsSchema),
  set: base.input(settingsSchema.partial()).output(settingsSchema),
  folders: base.output(foldersSchema),
}
