import { useEffect, useState } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { useApp, useAppStore, useMediaUrls } from '../../store/app-context'
import styles from './exact-frames.module.css'

/** Frames wider than this are scaled on the way: enough for any window, light enough to step through. */
const FRAME_WIDTH = 1920
const STEP_MS = 200

/**
 * A video that the browser cannot decode: every position shows its exact frame, and playing steps through the frames
 * in real time without sound. The frame before stays until the next one has come.
 */
export function ExactFrames({ item }: { readonly item: LibraryItem }) {
  const playhead = useApp((state) => state.playhead)
  const isPlaying = useApp((state) => state.isPlaying)
  const store = useAppStore()
  const mediaUrls = useMediaUrls()
  const [hasFailed, setFailed] = useState(false)

  useEffect(() => {
    if (!isPlaying) return
    const timer = setInterval(() => {
      const state = store.getState()
      const next = state.playhead + STEP_MS / 1000
      state.followPlayback(next)
      if (next >= item.durationSeconds) state.setPlaying(false)
    }, STEP_MS)
    return () => {
      clearInterval(timer)
    }
  }, [store, isPlaying, item.durationSeconds])

  return (
    <>
      <img
        src={mediaUrls.frame(item.id, Number(playhead.toFixed(3)), Math.min(FRAME_WIDTH, item.width))}
        alt={item.name}
        onError={() => {
          setFailed(true)
        }}
        onLoad={() => {
          setFailed(false)
        }}
      />
      <p className={styles.note} role={hasFailed ? 'alert' : 'note'}>
        {hasFailed
          ? 'This frame cannot be read. Try another moment.'
          : 'Shown frame by frame, without sound: this browser cannot play the format.'}
      </p>
    </>
  )
}
