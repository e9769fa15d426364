import { availableParallelism, loadavg } from 'node:os'
import type { ModelDescription } from '../domain/model-description'

/** Width from which a layer is worth sharing with everything the machine has. */
const WIDE = 512
/** Threads of a narrower model: more of them wait for each other longer than they compute. */
const MOST_FOR_NARROW = 4

export interface MachineUse {
  readonly cores: number
  /** Cores that were busy when the program started. */
  readonly busyCores: number
}

let useAtStart: MachineUse | undefined

function readUse(): MachineUse {
  // The mean of the last minute; 0 on Windows, which does not keep one.
  useAtStart ??= { cores: availableParallelism(), busyCores: Math.round(loadavg()[0] ?? 0) }
  return useAtStart
}

/**
 * How many threads the engine computes with, unless the person chose a number. They meet after every operation and
 * wait by spinning: where other programs want the cores too, a narrow model takes many times as long with two threads as
 * with one (docs/performance.md). Asked again, it answers the same: another number would mean another session.
 */
export function threadsFor(
  { language }: Pick<ModelDescription, 'language'>,
  { cores, busyCores }: MachineUse = readUse(),
): number {
  if (language.embeddingLength >= WIDE) return cores
  return Math.max(1, Math.min(MOST_FOR_NARROW, cores - busyCores))
}
