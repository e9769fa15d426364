import { Square } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Button } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { selectAskedMedia } from './asked-media'
import { AttachButtons } from './attach-buttons'
import { ChipRow } from './chip-row'
import { CostLine } from './cost-line'
import styles from './question-box.module.css'
import { isOpen } from './turn-list'

/** Where questions are written: media as chips, Enter asks, Shift+Enter breaks the line. */
export function QuestionBox() {
  const text = useApp((state) => state.draft.text)
  const media = useApp(selectAskedMedia)
  const writeDraft = useApp((state) => state.writeDraft)
  const ask = useApp((state) => state.ask)
  const isAsking = useApp((state) => state.isAsking)
  const isAnswering = useApp((state) => state.conversation?.items.some(isOpen) ?? false)
  const stop = useApp((state) => state.stop)
  const removeChip = useApp((state) => state.removeChip)
  const textarea = useRef<HTMLTextAreaElement>(null)
  useGrowing(textarea, text)
  const canAsk = text.trim() !== '' && !isAsking
  return (
    <div className={styles.box}>
      <div className={styles.media}>
        <ChipRow
          media={media}
          onRemove={(index) => {
            removeChip(index)
            textarea.current?.focus()
          }}
        />
        <AttachButtons media={media} />
      </div>
      <textarea
        ref={textarea}
        aria-label="Question"
        aria-keyshortcuts="/"
        className={styles.textarea}
        placeholder={media.length === 0 ? 'Ask a question' : 'Ask about what you see'}
        rows={2}
        value={text}
        onChange={(event) => {
          writeDraft(event.target.value)
        }}
        onKeyDown={(event) => {
          // Enter that ends the composition of a character belongs to the input method.
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
          event.preventDefault()
          if (canAsk) void ask()
        }}
      />
      <div className={styles.buttons}>
        <CostLine media={media} />
        {isAnswering && (
          <Button
            icon={<Square size={14} aria-hidden />}
            title="Stop (Esc)"
            onClick={() => {
              textarea.current?.focus()
              void stop()
            }}
          >
            Stop
          </Button>
        )}
        <Button look="primary" title="Ask (Enter)" disabled={!canAsk} onClick={() => void ask()}>
          Ask
        </Button>
      </div>
    </div>
  )
}

const MAX_HEIGHT = 240

/** Lets the box grow with its text, up to a limit. */
function useGrowing(textarea: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useEffect(() => {
    const element = textarea.current
    if (element === null) return
    element.style.blockSize = 'auto'
    element.style.blockSize = `${Math.min(MAX_HEIGHT, element.scrollHeight + 2)}px`
  }, [textarea, text])
}
