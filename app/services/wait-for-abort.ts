import { setTimeout } from 'node:timers/promises'

/**
 * Waits until the signal is aborted, at most `ms`. Ctrl+C ends helpers and aborts what waits for them at once, but which of
 * the two is noticed first is by chance: a failure that may be one of these waits a moment before it counts.
 */
export async function waitForAbort(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch {
    // Aborted.
  }
}
