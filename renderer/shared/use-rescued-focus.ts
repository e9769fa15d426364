import { useLayoutEffect, useRef, type RefObject } from 'react'

/**
 * Gives an element the focus when it is drawn, and when `change` changes, if what had the focus is gone: it would begin
 * at the top of the page again.
 */
export function useRescuedFocus(ref: RefObject<HTMLElement | null>, change?: unknown): void {
  useLayoutEffect(() => {
    if (document.activeElement === document.body) ref.current?.focus()
  }, [ref, change])
}

/** Gives an element the focus back when `isAway` ends, if what stood in its place had it. */
export function useReturningFocus(ref: RefObject<HTMLElement | null>, isAway: boolean): void {
  const wasAway = useRef(false)
  useLayoutEffect(() => {
    if (wasAway.current && !isAway && document.activeElement === document.body) ref.current?.focus()
    wasAway.current = isAway
  }, [ref, isAway])
}
