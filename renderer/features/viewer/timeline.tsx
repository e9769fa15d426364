import { useCallback, useMemo, useRef } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { formatTimecode } from '../../../app/domain/time/timecode'
import { useApp, useAppStore } from '../../store/app-context'
import { citationMarks } from './citation-marks'
import styles from './timeline.module.css'

const LARGE_STEP_SECONDS = 30

/** Layers that can be told apart: range, ticks of frames the model is given, dots of cited moments, playhead. */
export function Timeline({ item }: { readonly item: LibraryItem }) {
  const track = useRef<HTMLDivElement>(null)
  const store = useAppStore()
  const playhead = useApp((state) => state.playhead)
  const duration = item.durationSeconds
  const percent = (seconds: number) => (duration > 0 ? `${(100 * seconds) / duration}%` : '0%')

  const seekTo = useCallback(
    (clientX: number) => {
      const box = track.current?.getBoundingClientRect()
      if (box === undefined || box.width === 0) return
      store.getState().seek(((clientX - box.left) / box.width) * duration)
    },
    [store, duration],
  )

  return (
    <div
      ref={track}
      className={styles.timeline}
      role="slider"
      tabIndex={0}
      aria-label="Timeline"
      aria-valuemin={0}
      aria-valuemax={duration}
      aria-valuenow={Math.min(playhead, duration)}
      aria-valuetext={`${formatTimecode(playhead)} of ${formatTimecode(duration)}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        seekTo(event.clientX)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event.clientX)
      }}
      onKeyDown={(event) => {
        const target = keyTarget(event.key, event.shiftKey, playhead, duration)
        if (target === null) return
        event.preventDefault()
        store.getState().seek(target)
      }}
    >
      <div className={styles.rail} />
      <RangeLayer percent={percent} />
      <FrameTicks duration={duration} />
      <CitationDots itemId={item.id} percent={percent} />
      <div className={styles.playhead} style={{ insetInlineStart: percent(Math.min(playhead, duration)) }} />
    </div>
  )
}

function keyTarget(key: string, isShift: boolean, playhead: number, duration: number): number | null {
  const step = isShift ? 1 : 5
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return playhead - step
    case 'ArrowRight':
    case 'ArrowUp':
      return playhead + step
    case 'PageUp':
      return playhead + LARGE_STEP_SECONDS
    case 'PageDown':
      return playhead - LARGE_STEP_SECONDS
    case 'Home':
      return 0
    case 'End':
      return duration
    default:
      return null
  }
}

function RangeLayer({ percent }: { readonly percent: (seconds: number) => string }) {
  const range = useApp((state) => state.range)
  if (range === null) return null
  return (
    <div
      className={styles.range}
      style={{ insetInlineStart: percent(range.start), inlineSize: percent(range.end - range.start) }}
    />
  )
}

/** One path for all ticks: a thousand elements would slow every seek. */
function FrameTicks({ duration }: { readonly duration: number }) {
  const frames = useApp((state) => state.plannedFrames)
  const path = useMemo(
    () =>
      (frames ?? [])
        .map((seconds) => `M${((1000 * seconds) / Math.max(duration, 1e-6)).toFixed(2)} 0v1`)
        .join(''),
    [frames, duration],
  )
  return (
    <svg className={styles.ticks} viewBox="0 0 1000 1" preserveAspectRatio="none" aria-hidden>
      <path d={path} vectorEffect="non-scaling-stroke" />
    </svg>
  )
}

interface CitationDotsProps {
  readonly itemId: string
  readonly percent: (seconds: number) => string
}

function CitationDots({ itemId, percent }: CitationDotsProps) {
  // As text, so that a streaming answer, which replaces its turn with every frame, draws nothing anew here.
  const marks = useApp(({ conversation }) => citationMarks(conversation?.items ?? [], itemId).join(' '))
  const times = marks === '' ? [] : marks.split(' ').map(Number)
  return times.map((seconds) => (
    <div key={seconds} className={styles.dot} style={{ insetInlineStart: percent(seconds) }} />
  ))
}
