import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { ModelDescription } from '../domain/model-description'

/** Width from which a layer is worth sharing with everything the machine has. */
const WIDE = 512
/** Threads of a narrower model: more of them wait for each other longer than they compute. */
const MOST_FOR_NARROW = 4

/** Milliseconds over which the cores are watched; their clocks advance in steps of ten. */
const WATCHED = 150

export interface MachineUse {
  readonly cores: number
  /** Cores that other programs kept busy when the first model was wanted. */
  readonly busyCores: number
}

let useAtFirst: Promise<MachineUse> | undefined

/**
 * What other programs leave of the machine. They count as busy only where the last minute and this moment both say so: a
 * build that has just ended still weighs on the minute's mean (which is 0 on Windows, where none is kept), and a short
 * burst fills a moment. Asked again, it answers the same: another number of threads would mean another session.
 */
export function machineUse(): Promise<MachineUse> {
  useAtFirst ??= watchMachine()
  return useAtFirst
}

async function watchMachine(): Promise<MachineUse> {
  const lastMinute = loadavg()[0] ?? 0
  const now = lastMinute === 0 ? 0 : await coresBusyNow()
  return { cores: availableParallelism(), busyCores: Math.round(Math.min(lastMinute, now)) }
}

/** The mean number of cores that compute for others than this process. */
async function coresBusyNow(): Promise<number> {
  const before = busyMilliseconds()
  const start = performance.now()
  await setTimeout(WATCHED)
  return Math.max(0, busyMilliseconds() - before) / (performance.now() - start)
}

/** Milliseconds that all cores together have computed for others than this process, since some moment in the past. */
function busyMilliseconds(): number {
  const own = process.cpuUsage()
  let busy = 0
  for (const { times } of cpus()) busy += times.user + times.nice + times.sys + times.irq
  return busy - (own.user + own.system) / 1000
}

/**
 * How many threads the engine computes with, unless the person chose a number. They meet after every operation and
 * wait by spinning: where other programs want the cores too, a narrow model takes many times as long with two threads as
 * with one (docs/performance.md).
 */
export function threadsFor(
  { language }: Pick<ModelDescription, 'language'>,
  { cores, busyCores }: MachineUse,
): number {
  if (language.embeddingLength >= WIDE) return cores
  return Math.max(1, Math.min(MOST_FOR_NARROW, cores - busyCores))
}
