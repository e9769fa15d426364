import { Grid2x2, Plus, Square } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Button, IconButton } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import { selectOpenItem } from '../library'
import { ChipRow } from './chip-row'
import { isOpen } from './conversation-slice'
import styles from './question-box.module.css'

const COST_AFTER_MS = 500

/** Where questions are written: media as chips, Enter asks, Shift+Enter breaks the line. */
export function QuestionBox() {
  const draft = useApp((state) => state.draft)
  const writeDraft = useApp((state) => state.writeDraft)
  const ask = useApp((state) => state.ask)
  const isAsking = useApp((state) => state.isAsking)
  const isAnswering = useApp((state) => state.conversation?.items.some(isOpen) ?? false)
  const stop = useApp((state) => state.stop)
  const removeChip = useApp((state) => state.removeChip)
  const textarea = useRef<HTMLTextAreaElement>(null)
  useCost()
  useGrowing(textarea, draft.text)
  const canAsk = draft.text.trim() !== '' && !isAsking
  return (
    <div className={styles.box}>
      <div className={styles.media}>
        <ChipRow media={draft.media} onRemove={removeChip} />
        <AttachButton />
      </div>
      <textarea
        ref={textarea}
        aria-label="Question"
        className={styles.textarea}
        placeholder="Ask about what you see"
        rows={2}
        value={draft.text}
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
        <Cost />
        {isAnswering && (
          <Button icon={<Square size={14} aria-hidden />} title="Stop (Esc)" onClick={() => void stop()}>
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

/** Puts what the viewer shows into the question; for a picture also as tiles. */
function AttachButton() {
  const item = useApp(selectOpenItem)
  const range = useApp((state) => state.range)
  const draft = useApp((state) => state.draft)
  const addChip = useApp((state) => state.addChip)
  if (item === null) return null
  const chip = draft.media.find(({ itemId }) => itemId === item.id)
  const isSameRange = chip?.range?.start === range?.start && chip?.range?.end === range?.end
  const tiles = chip?.tiles ?? false
  return (
    <>
      {(chip === undefined || !isSameRange) && (
        <Button
          look="quiet"
          className={styles.attach}
          icon={<Plus size={16} aria-hidden />}
          onClick={() => {
            addChip({ itemId: item.id, range, tiles })
          }}
        >
          {range === null ? `Ask about ${item.name}` : 'Ask about the marked part'}
        </Button>
      )}
      {chip !== undefined && item.kind !== 'video' && (
        <IconButton
          label={tiles ? 'Read as one picture only' : 'Read in full-resolution tiles too'}
          aria-pressed={tiles}
          icon={<Grid2x2 size={16} aria-hidden />}
          onClick={() => {
            addChip({ ...chip, tiles: !tiles })
          }}
        />
      )}
    </>
  )
}

function Cost() {
  const cost = useApp((state) => state.cost)
  if (cost === null || cost.pictures === 0) return <span className={styles.cost} />
  const read = `${cost.pictures.toLocaleString('en')} pictures, ${cost.promptTokens.toLocaleString('en')} tokens`
  return (
    <span className={cost.fits ? styles.cost : styles.tooLong}>
      {cost.fits ? read : `Too long: ${cost.plan}`}
    </span>
  )
}

/** Asks what the draft would take, once the person has stopped changing it for a moment. */
function useCost(): void {
  const draft = useApp((state) => state.draft)
  const settings = useApp((state) => state.settings)
  const loadCost = useApp((state) => state.loadCost)
  useEffect(() => {
    const timer = setTimeout(() => {
      void loadCost()
    }, COST_AFTER_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [draft, settings, loadCost])
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
