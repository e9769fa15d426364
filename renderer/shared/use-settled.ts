import { useEffect, useRef, useState } from 'react'

/** A value that is taken over at most once in a while, always ending with the latest one. */
export function useSettled<Value>(value: Value, everyMs: number): Value {
  const [shown, setShown] = useState(value)
  const takenAt = useRef(-Infinity)
  useEffect(() => {
    const waitMs = Math.max(0, takenAt.current + everyMs - performance.now())
    const timer = setTimeout(() => {
      takenAt.current = performance.now()
      setShown(value)
    }, waitMs)
    return () => {
      clearTimeout(timer)
    }
  }, [value, everyMs])
  return shown
}
