import { Check, Copy, Pencil, RotateCcw, StepForward } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Turn, Usage } from '../../../app/contract/chat'
import { Button, IconButton } from '../../shared/ui/button'
import { useApp } from '../../store/app-context'
import styles from './turn-view.module.css'

interface TurnActionsProps {
  readonly turn: Turn
  readonly isLast: boolean
  readonly onEdit: () => void
}

/** What can be done with a finished turn, and what it took. */
export function TurnActions({ turn, isLast, onEdit }: TurnActionsProps) {
  const retry = useApp((state) => state.retry)
  const resume = useApp((state) => state.resume)
  const canResume = isLast && (turn.status === 'stopped' || turn.status === 'interrupted')
  return (
    <div className={styles.actions}>
      {canResume && (
        <Button
          className={styles.resume}
          icon={<StepForward size={16} aria-hidden />}
          onClick={() => void resume(turn.id)}
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
            onClick={() => void retry(turn.id)}
          />
          <IconButton label="Edit the question" icon={<Pencil size={16} aria-hidden />} onClick={onEdit} />
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

const COPIED_MS = 2000

function CopyButton({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => {
      setCopied(false)
    }, COPIED_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [isCopied])
  return (
    <>
      <IconButton
        label="Copy the answer"
        icon={isCopied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        onClick={() => {
          void navigator.clipboard.writeText(text).then(() => {
            setCopied(true)
          })
        }}
      />
      <span role="status" className={isCopied ? styles.usage : 'visually-hidden'}>
        {isCopied ? 'Copied' : ''}
      </span>
    </>
  )
}
