import type { Turn } from '../../../app/contract/chat'
import { useSettled } from '../../shared/use-settled'
import { useApp } from '../../store/app-context'
import { readUnit } from './asked-media'
import { progressFraction, progressWords } from './progress-words'
import { isOpen } from './turn-list'
import styles from './turn-progress.module.css'

/** Words change at most this often: they are read, by eye and by screen readers. */
const WORDS_MS = 250

/** Stage and time left, in the place where the answer will appear. */
export function TurnProgress({ turn }: { readonly turn: Turn }) {
  const progress = useApp((state) => state.progress[turn.id])
  const isQueued = useApp(({ conversation }) => conversation?.items.find(isOpen)?.id !== turn.id)
  const of = useApp((state) => readUnit(state, turn))
  const words = useSettled(progressWords(turn, progress, isQueued, of), WORDS_MS)
  const fraction = progressFraction(progress)
  return (
    <div className={styles.progress}>
      <p role="status" aria-label="Progress" className={styles.words}>
        {words}
      </p>
      <div className={styles.track} aria-hidden>
        <div className={styles.bar} style={{ inlineSize: `${(fraction ?? 0) * 100}%` }} />
      </div>
    </div>
  )
}
