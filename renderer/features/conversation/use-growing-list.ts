import { startTransition, useEffect, useState } from 'react'

const FIRST = 12
const STEP = 8

/**
 * How many of the last items to draw: few at once, the earlier ones in idle moments, so that opening a conversation of
 * hundreds of turns does not hold up the window. Starts over when `key` changes.
 */
export function useGrowingList(key: string, length: number): number {
  const [state, setState] = useState({ key, count: FIRST })
  const count = state.key === key ? state.count : FIRST
  useEffect(() => {
    if (count >= length) return
    const idle = requestIdleCallback(
      () => {
        startTransition(() => {
          setState({ key, count: count + STEP })
        })
      },
      { timeout: 500 },
    )
    return () => {
      cancelIdleCallback(idle)
    }
  }, [key, count, length])
  return Math.min(count, length)
}
