import { Copy, Pencil, RotateCcw, StepForward } from 'lucide-react'
import { memo, useState } from 'react'
import type { Turn } from '../../../app/contract/chat'
import { Button, IconButton } from '../../shared/ui/button'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useApp } from '../../store/app-context'
import { AnswerText } from './answer-text'
import { ChipRow } from './chip-row'
import { isOpen } from './conversation-slice'
import { QuestionEditor } from './question-editor'
import { TurnProgress } from './turn-progress'
import styles from './turn-view.module.css'

interface TurnViewProps {
  readonly turn: Turn
  /** Only the last question can be asked again or edited: later ones build on it. */
  readonly isLast: boolean
}

export const TurnView = memo(function TurnView({ turn, isLast }: TurnViewProps) {
  const [isEditing, setEditing] = useState(false)
  const retry = useApp((state) => state.retry)
  const closeEditor = () => {
    setEditing(false)
  }
  return (
    <article className={styles.turn} aria-label={`Question: ${turn.question}`}>
      {isEditing ? (
        <QuestionEditor
          question={turn.question}
          onCancel={closeEditor}
          onAsk={(question) => {
            closeEditor()
            void retry(turn.id, question)
          }}
        />
      ) : (
        <h3 className={styles.question}>{turn.question}</h3>
      )}
      <ChipRow media={turn.media} />
      <Answer turn={turn} />
      {!isOpen(turn) && !isEditing && (
        <TurnActions
          turn={turn}
          isLast={isLast}
          onEdit={() => {
            setEditing(true)
          }}
        />
      )}
    </article>
  )
})

function Answer({ turn }: { readonly turn: Turn }) {
  const retry = useApp((state) => state.retry)
  return (
    <>
      {turn.answer !== '' && <AnswerText text={turn.answer} citations={turn.citations} />}
      {isOpen(turn) && turn.answer === '' && <TurnProgress turn={turn} />}
      {turn.status === 'stopped' && <p className={styles.note}>Stopped.</p>}
      {turn.status === 'interrupted' && (
        <p className={styles.doubt}>This answer was interrupted. What came before is kept.</p>
      )}
      {turn.failure !== null && turn.status === 'failed' && (
        <FailureNotice
          failure={turn.failure}
          action={
            <Button
              look="primary"
              onClick={() => {
                void retry(turn.id)
              }}
            >
              Ask again
            </Button>
          }
        />
      )}
    </>
  )
}

interface TurnActionsProps extends TurnViewProps {
  readonly onEdit: () => void
}

function TurnActions({ turn, isLast, onEdit }: TurnActionsProps) {
  const retry = useApp((state) => state.retry)
  const resume = useApp((state) => state.resume)
  const canResume = isLast && (turn.status === 'stopped' || turn.status === 'interrupted')
  return (
    <div className={styles.actions}>
      {canResume && (
        <Button
          icon={<StepForward size={16} aria-hidden />}
          onClick={() => {
            void resume(turn.id)
          }}
        >
          Go on
        </Button>
      )}
      {turn.answer !== '' && (
        <IconButton
          label="Copy the answer"
          icon={<Copy size={16} aria-hidden />}
          onClick={() => {
            void navigator.clipboard.writeText(turn.answer)
          }}
        />
      )}
      {isLast && (
        <>
          <IconButton
            label="Ask again"
            icon={<RotateCcw size={16} aria-hidden />}
            onClick={() => {
              void retry(turn.id)
            }}
          />
          <IconButton label="Edit the question" icon={<Pencil size={16} aria-hidden />} onClick={onEdit} />
        </>
      )}
      {turn.usage !== null && (
        <span className={styles.usage}>
          {turn.usage.frames > 0 && `${turn.usage.frames.toLocaleString('en')} frames · `}
          {turn.usage.promptTokens.toLocaleString('en')} tokens read ·{' '}
          {turn.usage.firstTokenSeconds.toFixed(1)} s to the first word
        </span>
      )}
    </div>
  )
}
