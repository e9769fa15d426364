import { memo, useRef, useState } from 'react'
import type { Turn } from '../../../app/contract/chat'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useReturningFocus } from '../../shared/use-rescued-focus'
import { useApp } from '../../store/app-context'
import { RemedyButton } from '../remedies'
import { AnswerText } from './answer-text'
import { ChipRow } from './chip-row'
import { focusQuestion } from './focus-question'
import { QuestionEditor } from './question-editor'
import { TurnActions } from './turn-actions'
import { isOpen } from './turn-list'
import { TurnProgress } from './turn-progress'
import styles from './turn-view.module.css'
import { useCitable } from './use-citable'

interface TurnViewProps {
  readonly turn: Turn
  /** Only the last question can be asked again or edited: later ones build on it. */
  readonly isLast: boolean
}

export const TurnView = memo(function TurnView({ turn, isLast }: TurnViewProps) {
  const [isEditing, setEditing] = useState(false)
  // Until it has an answer the question before comes back with its own: the text is still here.
  const [edited, setEdited] = useState<string | null>(null)
  const retry = useApp((state) => state.retry)
  const editButton = useRef<HTMLButtonElement>(null)
  useReturningFocus(editButton, isEditing)
  const closeEditor = () => {
    setEditing(false)
  }
  return (
    <article className={styles.turn} aria-label={`Question: ${turn.question}`}>
      {isEditing ? (
        <QuestionEditor
          question={edited ?? turn.question}
          onCancel={closeEditor}
          onAsk={(question) => {
            closeEditor()
            setEdited(question)
            focusQuestion()
            void retry(turn.id, question)
          }}
        />
      ) : (
        <h3 className={styles.question}>{turn.question}</h3>
      )}
      <ChipRow media={turn.media} />
      <Answer turn={turn} question={edited ?? turn.question} />
      {!isOpen(turn) && !isEditing && (
        <TurnActions
          turn={turn}
          isLast={isLast}
          editButton={editButton}
          onEdit={() => {
            setEditing(true)
          }}
        />
      )}
    </article>
  )
})

/** question: what is asked again after a failure. */
function Answer({ turn, question }: { readonly turn: Turn; readonly question: string }) {
  const retry = useApp((state) => state.retry)
  const isStreaming = isOpen(turn)
  const citable = useCitable(turn.id)
  return (
    <>
      {turn.answer !== '' && (
        // While it streams, `AnswerAnnouncer` reads it; afterwards it is an entry of the log like any other.
        <div {...(isStreaming ? { 'aria-live': 'off', 'aria-busy': true } : {})}>
          <AnswerText text={turn.answer} citations={turn.citations} citable={isStreaming ? citable : null} />
        </div>
      )}
      {isStreaming && turn.answer === '' && <TurnProgress turn={turn} />}
      {turn.status === 'done' && turn.answer === '' && (
        <p className={styles.note}>
          The model had nothing to say. Ask in other words, or about another part.
        </p>
      )}
      {turn.status === 'stopped' && <p className={styles.note}>Stopped.</p>}
      {turn.status === 'interrupted' && (
        <p className={styles.doubt}>
          This answer was interrupted.{turn.answer !== '' && ' What came before is kept.'}
        </p>
      )}
      {turn.failure !== null && turn.status === 'failed' && (
        <FailureNotice
          failure={turn.failure}
          action={
            <RemedyButton
              failure={turn.failure}
              retry={() => retry(turn.id, question)}
              retryLabel="Ask again"
            />
          }
        />
      )}
    </>
  )
}
