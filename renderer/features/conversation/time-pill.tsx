import { useState, type ReactNode } from 'react'
import { useApp, useMediaUrls } from '../../store/app-context'
import styles from './time-pill.module.css'

interface TimePillProps {
  readonly itemId: string
  readonly seconds: number
  readonly label: ReactNode
}

const PREVIEW_WIDTH = 240

/** A time in an answer: shows its frame on hover and focus, goes there on click. */
export function TimePill({ itemId, seconds, label }: TimePillProps) {
  const seekIn = useApp((state) => state.seekIn)
  const mediaUrls = useMediaUrls()
  const [isPreviewed, setPreviewed] = useState(false)
  return (
    <span
      className={styles.place}
      onPointerEnter={() => {
        setPreviewed(true)
      }}
      onPointerLeave={() => {
        setPreviewed(false)
      }}
    >
      <button
        type="button"
        className={styles.pill}
        title="Go to this moment"
        onFocus={() => {
          setPreviewed(true)
        }}
        onBlur={() => {
          setPreviewed(false)
        }}
        onClick={() => {
          seekIn(itemId, seconds)
        }}
      >
        {label}
      </button>
      {isPreviewed && (
        <img
          className={styles.preview}
          src={mediaUrls.frame(itemId, seconds, PREVIEW_WIDTH)}
          alt=""
          aria-hidden
        />
      )}
    </span>
  )
}
