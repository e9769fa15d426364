import { Check, Copy, Pencil, RotateCcw, StepForward } from 'lucide-react'
import type { RefObject } from 'react'
import type { Turn, Usage } from '../../../app/contract/chat'
import { Button, IconButton } from '../../shared/ui/button'
import { useCopy } from '../../shared/use-copy'
import { useApp } from '../../store/app-context'
import { focusQuestion } from './focus-question'
import styles from './turn-view.module.css'

interface TurnActionsProps {
  readonly turn: Turn
  readonly isLast: boolean
  readonly editButton: RefObject<HTMLButtonElement | null>
  readonly onEdit: () => void
}

/** What can be done with a finished turn, and what it took. Asking takes the buttons away, and the focus with them. */
export function TurnActions({ turn, isLast, editButton, onEdit }: TurnActionsProps) {
  const retry = useApp((state) => state.retry)
  const resume = useApp((state) => state.resume)
  const canResume = isLast && (turn.status === 'stopped' || turn.status === 'interrupted')
  return (
    <div className={styles.actions}>
      {canResume && (
        <Button
          className={styles.resume}
          icon={<StepForward size={16} aria-hidden />}
          onClick={() => {
            focusQuestion()
            void resume(turn.id)
          }}
        >
          Go on
        </Button>
      )}
      {turn.answer !== '' && <CopyButton text={turn.answer} />}
      {isLast && (
        <>
          <IconButton
            label="Ask again"
            icon={<RotateCcw size={16} aria-hidden />}
            onClick={() => {
              focusQuestion()
              void retry(turn.id)
            }}
          />
          <IconButton
            ref={editButton}
            label="Edit the question"
            icon={<Pencil size={16} aria-hidden />}
            onClick={onEdit}
          />
        </>
      )}
      {turn.usage !== null && <span className={styles.usage}>{usageWords(turn.usage)}</span>}
    </div>
  )
}

function usageWords({ frames, promptTokens, firstTokenSeconds }: Usage): string {
  const read = frames > 0 ? [`${frames.toLocaleString('en')} ${frames === 1 ? 'frame' : 'frames'}`] : []
  const tokens = `${promptTokens.toLocaleString('en')} tokens`
  return [...read, tokens, `${firstTokenSeconds.toFixed(1)} s`].join(' · ')
}

function CopyButton({ text }: { readonly text: string }) {
  const { outcome, words, copy } = useCopy()
  return (
    <>
      <IconButton
        label="Copy the answer"
        icon={outcome === 'copied' ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        onClick={() => {
          copy(text)
        }}
      />
      <span role="status" className={outcome === null ? 'visually-hidden' : styles.usage}>
        {words}
      </span>
    </>
  )
}
