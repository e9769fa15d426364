import type { EngineClock } from '../../app/engine/engine-clock'

/** A clock that moves only when it is told to. */
export interface FakeClock extends EngineClock {
  advanceSeconds(seconds: number): void
  /** Timers that were set and neither ran nor were called off. */
  timerCount(): number
}

export function fakeClock(): FakeClock {
  let now = 0
  const timers = new Set<{ dueMs: number; run: () => void }>()
  return {
    now: () => now,
    after: (delayMs, run) => {
      const timer = { dueMs: now + delayMs, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    timerCount: () => timers.size,
    advanceSeconds: (seconds) => {
      const end = now + seconds * 1000
      for (;;) {
        const [next] = [...timers].filter(({ dueMs }) => dueMs <= end).sort((a, b) => a.dueMs - b.dueMs)
        if (next === undefined) break
        timers.delete(next)
        now = next.dueMs
        next.run()
      }
      now = end
    },
  }
}
