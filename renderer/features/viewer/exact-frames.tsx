import { useEffect, useState } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { useApp, useAppStore, useMediaUrls } from '../../store/app-context'
import styles from './exact-frames.module.css'

/** Frames wider than this are scaled on the way: enough for any window, light enough to step through. */
const FRAME_WIDTH = 1920
const STEP_MS = 100

/**
 * A video that the browser cannot decode: every position shows its exact frame, and playing goes through the frames in
 * real time without sound. The next frame is asked for when the last one has come, so that a slow machine shows fewer
 * frames rather than none; the one before stays until then.
 */
export function ExactFrames({ item }: { readonly item: LibraryItem }) {
  const playhead = useApp((state) => state.playhead)
  const isPlaying = useApp((state) => state.isPlaying)
  const mediaUrls = useMediaUrls()
  const [asked, setAsked] = useState(playhead)
  const [state, setState] = useState<'loading' | 'shown' | 'failed'>('loading')
  usePlayback(item)
  if (state !== 'loading' && asked !== playhead) {
    setAsked(playhead)
    setState('loading')
  }
  const hasFailed = state === 'failed' && !isPlaying
  return (
    <>
      <img
        src={mediaUrls.frame(item.id, Number(asked.toFixed(3)), Math.min(FRAME_WIDTH, item.width))}
        alt={item.name}
        onError={() => {
          setState('failed')
        }}
        onLoad={() => {
          setState('shown')
        }}
      />
      <p className={styles.note} role={hasFailed ? 'alert' : 'note'}>
        {hasFailed
          ? 'This frame cannot be read. Try another moment.'
          : `Shown frame by frame${item.hasAudio ? ', without sound: this browser cannot play the format' : ''}.`}
      </p>
    </>
  )
}

/** Moves the playhead in real time while playing; at the end it stops, and playing again starts over. */
function usePlayback(item: LibraryItem): void {
  const isPlaying = useApp((state) => state.isPlaying)
  const store = useAppStore()
  useEffect(() => {
    if (!isPlaying) return
    const { playhead, followPlayback, setPlaying } = store.getState()
    const from = playhead >= item.durationSeconds ? 0 : playhead
    const startedMs = performance.now()
    const timer = setInterval(() => {
      const now = from + (performance.now() - startedMs) / 1000
      followPlayback(now)
      if (now >= item.durationSeconds) setPlaying(false)
    }, STEP_MS)
    return () => {
      clearInterval(timer)
    }
  }, [store, isPlaying, item.durationSeconds])
}
