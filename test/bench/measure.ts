import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { performance } from 'node:perf_hooks'
import process from 'node:process'

/** A figure as the benchmarks print it: one JSON object a line, the thing measured beside its alternative. */
export interface Figure {
  readonly bench: string
  readonly what: string
  readonly value: number
  readonly unit: string
  /** What is measured: ours, or the named alternative. */
  readonly variant: string
  readonly [detail: string]: string | number
}

/** Four digits are more than a machine that does other things can promise. */
const DIGITS = 4

export function print(figure: Figure): void {
  const value = Number(figure.value.toPrecision(DIGITS))
  process.stdout.write(`${JSON.stringify({ ...figure, value })}\n`)
}

/** Says where the figures come from. A load above the number of cores means that they are worth little. */
export function printMachine(bench: string): void {
  const machine = {
    bench,
    what: 'machine',
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
    date: new Date().toISOString().slice(0, 10),
  }
  process.stdout.write(`${JSON.stringify(machine)}\n`)
}

/** Seconds that `work` takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** The middle of several runs: one that was disturbed does not count. */
export async function medianSeconds(runs: number, work: () => unknown): Promise<number> {
  const seconds: number[] = []
  for (let run = 0; run < runs; run += 1) {
    seconds.push(
      await secondsOf(async () => {
        await work()
      }),
    )
  }
  return seconds.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? NaN
}

/** The value below which `share` of the sorted values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}
