import { ArrowLeftToLine, ArrowRightToLine, ChevronLeft, ChevronRight, Pause, Play, X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { LibraryItem } from '../../../app/contract/library'
import { formatTimecode } from '../../../app/domain/time/timecode'
import { IconButton } from '../../shared/ui/button'
import { useApp, useAppStore } from '../../store/app-context'
import { commandById, shownKeys } from '../shortcuts'
import styles from './playback-bar.module.css'

/** Play, step, mark a part; the time to a thousandth, and what the model will be given. */
export function PlaybackBar({ item }: { readonly item: LibraryItem }) {
  const isPlaying = useApp((state) => state.isPlaying)
  const playhead = useApp((state) => state.playhead)
  const range = useApp((state) => state.range)
  const frames = useApp((state) => state.plannedFrames)
  return (
    <div className={styles.bar}>
      <CommandButton
        id="viewer.play"
        label={isPlaying ? 'Pause' : 'Play'}
        icon={isPlaying ? <Pause size={20} aria-hidden /> : <Play size={20} aria-hidden />}
      />
      <CommandButton id="viewer.previousFrame" icon={<ChevronLeft size={20} aria-hidden />} />
      <CommandButton id="viewer.nextFrame" icon={<ChevronRight size={20} aria-hidden />} />
      <span className={styles.time}>
        {formatTimecode(playhead, { milliseconds: true })}
        <span className={styles.quiet}>
          {' '}
          / {formatTimecode(item.durationSeconds, { milliseconds: item.durationSeconds < 10 })}
        </span>
      </span>
      <CommandButton id="viewer.markStart" icon={<ArrowLeftToLine size={16} aria-hidden />} />
      <CommandButton id="viewer.markEnd" icon={<ArrowRightToLine size={16} aria-hidden />} />
      {range !== null && (
        <>
          <span className={styles.range}>
            {formatTimecode(range.start)}–{formatTimecode(range.end)}
          </span>
          <CommandButton id="viewer.clearRange" icon={<X size={16} aria-hidden />} />
        </>
      )}
      <span className={styles.frames}>
        {frames !== null && frames.length > 0 && (
          <>
            {frames.length.toLocaleString('en')} {frames.length === 1 ? 'frame' : 'frames'}
            <span className={styles.more}> for the model</span>
          </>
        )}
      </span>
    </div>
  )
}

interface CommandButtonProps {
  readonly id: string
  readonly icon: ReactNode
  /** When the command's title does not say which of two things it does now. */
  readonly label?: string
}

function CommandButton({ id, icon, label }: CommandButtonProps) {
  const store = useAppStore()
  const command = commandById(id)
  return (
    <IconButton
      label={label ?? command.title}
      shortcut={shownKeys(command.keys[0] ?? '')}
      icon={icon}
      onClick={() => {
        command.run(store)
      }}
    />
  )
}
