import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { base } from './base'

export const engineStatusSchema = z.strictObject({
  state: z.enum(['stopped', 'starting', 'ready', 'unresponsive', 'restarting', 'failed']),
  model: z.string(),
  /** Where it runs, e.g. "CPU, 2 threads"; empty until loaded. */
  placement: z.string(),
  contextTokens: z.number().int().min(0),
  usedTokens: z.number().int().min(0),
  usedFrames: z.number().int().min(0),
  memoryBytes: z.number().min(0),
})
export type EngineStatus = z.infer<typeof engineStatusSchema>

/** Something changed and should be asked for again; sent to every window, also for changes by other processes. */
export const changeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('library') }),
  z.strictObject({ kind: z.literal('conversations') }),
  z.strictObject({ kind: z.literal('conversation'), conversationId: z.string() }),
  z.strictObject({ kind: z.literal('models') }),
  z.strictObject({ kind: z.literal('settings') }),
  z.strictObject({ kind: z.literal('engine'), status: engineStatusSchema }),
])
export type Change = z.infer<typeof changeSchema>

export const status = {
  engine: base.output(engineStatusSchema),
  /** Starts with nothing missed: subscribe first, then ask for state. */
  changes: base.output(eventIterator(changeSchema)),
  restartEngine: base.output(z.void()),
}
