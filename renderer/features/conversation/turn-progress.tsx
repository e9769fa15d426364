import type { Turn } from '../../../app/contract/chat'
import { useApp } from '../../store/app-context'
import { progressFraction, progressWords } from './progress-words'
import styles from './turn-progress.module.css'

/** Stage and time left, in the place where the answer will appear. */
export function TurnProgress({ turn }: { readonly turn: Turn }) {
  const progress = useApp((state) => state.progress[turn.id])
  const fraction = progressFraction(progress)
  return (
    <div className={styles.progress}>
      <p role="status" aria-label="Progress" className={styles.words}>
        {progressWords(turn, progress)}
      </p>
      <div className={styles.track} aria-hidden>
        <div className={styles.bar} style={{ inlineSize: `${(fraction ?? 0) * 100}%` }} />
      </div>
    </div>
  )
}
