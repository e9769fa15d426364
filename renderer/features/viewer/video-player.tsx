import { useEffect, useRef } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { useApp, useAppStore, useMediaUrls } from '../../store/app-context'

interface VideoPlayerProps {
  readonly item: LibraryItem
  /** The browser cannot decode this file after all. */
  readonly onCannotPlay: () => void
}

/** How often playback moves the playhead of the store: the picture itself is the browser's. */
const FOLLOW_MS = 100

/** The browser's own player, without its controls: the store's playhead leads when seeking, follows while playing. */
export function VideoPlayer({ item, onCannotPlay }: VideoPlayerProps) {
  const video = useRef<HTMLVideoElement>(null)
  const store = useAppStore()
  const mediaUrls = useMediaUrls()
  const isPlaying = useApp((state) => state.isPlaying)
  const seekCount = useApp((state) => state.seekCount)

  useEffect(() => {
    const element = video.current
    if (element === null) return
    const { playhead } = store.getState()
    if (Math.abs(element.currentTime - playhead) > 1e-3) element.currentTime = playhead
  }, [store, seekCount])

  useEffect(() => {
    const element = video.current
    if (element === null) return
    if (!isPlaying) {
      element.pause()
      return
    }
    if (element.ended) element.currentTime = 0
    element.play().catch((thrown: unknown) => {
      // Pausing before playback began rejects with AbortError: nothing is wrong then.
      if (!(thrown instanceof DOMException && thrown.name === 'AbortError'))
        store.getState().setPlaying(false)
    })
    const timer = setInterval(() => {
      store.getState().followPlayback(element.currentTime)
    }, FOLLOW_MS)
    return () => {
      clearInterval(timer)
    }
  }, [store, isPlaying])

  return (
    <video
      ref={video}
      src={mediaUrls.source(item.id)}
      preload="auto"
      playsInline
      aria-label={item.name}
      onClick={() => {
        store.getState().setPlaying(!store.getState().isPlaying)
      }}
      onEnded={() => {
        store.getState().setPlaying(false)
      }}
      onError={onCannotPlay}
      onLoadedMetadata={({ currentTarget }) => {
        // A file whose picture the browser cannot decode still plays its sound, with no size.
        if (currentTarget.videoWidth === 0) onCannotPlay()
        else currentTarget.currentTime = store.getState().playhead
      }}
    />
  )
}
