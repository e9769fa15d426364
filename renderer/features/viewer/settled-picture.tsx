import { useEffect, useRef } from 'react'

/** Long enough that a cell which only scrolls by is gone again. */
const FETCH_AFTER_MS = 100

/**
 * A picture that is fetched once it has been there for a moment, and no longer when it goes: the thousands that a
 * scroll passes by would keep those that it ends at waiting.
 */
export function SettledPicture({ src }: { readonly src: string }) {
  const picture = useRef<HTMLImageElement>(null)
  useEffect(() => {
    const image = picture.current
    if (image === null) return
    image.hidden = false
    const timer = setTimeout(() => {
      image.src = src
    }, FETCH_AFTER_MS)
    return () => {
      clearTimeout(timer)
      // Ends a request that is still waiting; an element that is only taken out of the page goes on asking.
      image.removeAttribute('src')
    }
  }, [src])
  return (
    <img
      ref={picture}
      alt=""
      decoding="async"
      onError={({ currentTarget }) => {
        currentTarget.hidden = true
      }}
    />
  )
}
