import { useCallback, useEffect, useRef, useState } from 'react'
import { EndKeeper } from './end-keeper'

/** Keeps a scrolling element at its end while content grows, but only if the person has not scrolled up. */
export function useStickToEnd() {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const keeper = useRef<EndKeeper>(null)
  const [isAtEnd, setAtEnd] = useState(true)

  const goToEnd = useCallback(() => {
    keeper.current?.goToEnd()
  }, [])

  useEffect(() => {
    const element = scroller.current
    const inner = content.current
    if (element === null || inner === null) return
    const hand = watchHand(element)
    const end = new EndKeeper(element)
    keeper.current = end
    const look = () => {
      end.look(hand.isMoving())
      // While it sticks, the browser's own holding on to what is in sight would pull the other way.
      element.style.overflowAnchor = end.isSticking ? 'none' : 'auto'
      setAtEnd(end.isSticking)
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
