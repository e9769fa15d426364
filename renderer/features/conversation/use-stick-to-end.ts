import { useCallback, useEffect, useRef, useState } from 'react'

/** Distance from the end, pixels, that still counts as being there. */
const NEAR = 24

/** Keeps a scrolling element at its end while content grows, but only if the person has not scrolled up. */
export function useStickToEnd() {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const stick = useRef(true)
  const [isAtEnd, setAtEnd] = useState(true)

  const goToEnd = useCallback(() => {
    const element = scroller.current
    if (element === null) return
    stick.current = true
    element.scrollTop = element.scrollHeight
  }, [])

  useEffect(() => {
    const element = scroller.current
    const inner = content.current
    if (element === null || inner === null) return
    const hand = watchHand(element)
    let lastTop = element.scrollTop
    const look = () => {
      const { scrollTop: top, scrollHeight: height, clientHeight } = element
      const isNear = height - top - clientHeight < NEAR
      // Scrolling up by hand ends it. What moves by itself (turns that take their real height when they come into
      // sight, a resized window) is followed.
      if (isNear) stick.current = true
      else if (top < lastTop && hand.isMoving()) stick.current = false
      else if (stick.current) element.scrollTop = height
      // While it sticks, the browser's own holding on to what is in sight would pull the other way.
      element.style.overflowAnchor = stick.current ? 'none' : 'auto'
      lastTop = element.scrollTop
      setAtEnd(isNear || stick.current)
    }
    const observer = new ResizeObserver(look)
    observer.observe(inner)
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
      hand.end()
    }
  }, [])

  return { scroller, content, isAtEnd, goToEnd }
}

/** How long after a turn of the wheel or a key its scrolling may go on, milliseconds. */
const HAND_MS = 500

/** Whether the person is scrolling an element just now: by wheel, finger, key, or with the scroll bar. */
function watchHand(element: HTMLElement): { isMoving(): boolean; end(): void } {
  const listening = new AbortController()
  const options = { passive: true, signal: listening.signal }
  let movedAt = -Infinity
  let isHeld = false
  const onMove = () => {
    movedAt = performance.now()
  }
  for (const kind of ['wheel', 'touchmove', 'keydown']) element.addEventListener(kind, onMove, options)
  element.addEventListener(
    'pointerdown',
    () => {
      isHeld = true
    },
    options,
  )
  window.addEventListener(
    'pointerup',
    () => {
      isHeld = false
      onMove()
    },
    options,
  )
  return {
    isMoving: () => isHeld || performance.now() - movedAt < HAND_MS,
    end: () => {
      listening.abort()
    },
  }
}
