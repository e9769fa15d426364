import { useState } from 'react'
import { Button } from '../../shared/ui/button'
import styles from './question-box.module.css'

interface QuestionEditorProps {
  readonly question: string
  readonly onAsk: (question: string) => void
  readonly onCancel: () => void
}

/** The last question, opened for editing: Enter asks it anew, Esc leaves it as it was. */
export function QuestionEditor({ question, onAsk, onCancel }: QuestionEditorProps) {
  const [text, setText] = useState(question)
  const ask = () => {
    if (text.trim() !== '') onAsk(text.trim())
  }
  return (
    <div className={styles.editor}>
      <textarea
        aria-label="Edit question"
        className={styles.textarea}
        value={text}
        rows={3}
        autoFocus
        onChange={(event) => {
          setText(event.target.value)
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault()
            ask()
          }
          if (event.key === 'Escape') {
            event.preventDefault()
            onCancel()
          }
        }}
      />
      <div className={styles.editorButtons}>
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button look="primary" disabled={text.trim() === ''} onClick={ask}>
          Ask the edited question
        </Button>
      </div>
    </div>
  )
}
