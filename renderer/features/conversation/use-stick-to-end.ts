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
    const onScroll = () => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR
      stick.current = near
      setAtEnd(near)
    }
    const observer = new ResizeObserver(() => {
      if (stick.current) element.scrollTop = element.scrollHeight
      else onScroll()
    })
    observer.observe(inner)
    observer.observe(element)
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', onScroll)
    }
  }, [])

  return { scroller, content, isAtEnd, goToEnd }
}
