import { lazy, memo, Suspense, useMemo } from 'react'
import type { Citation } from '../../../app/contract/chat'
import typeset from '../../shared/ui/typeset.module.css'
import { splitBlocks } from './answer-blocks'
import styles from './answer-text.module.css'
import { markTimes, type CitableItem } from './mark-times'

// Markdown is a third of the program's code and the first screen has none: it comes when the first answer is shown.
const AnswerBlock = lazy(() => import('./answer-block').then((module) => ({ default: module.AnswerBlock })))

interface AnswerTextProps {
  readonly text: string
  readonly citations: readonly Citation[]
  /** While it is written: videos that its times may belong to; null once `citations` are known. */
  readonly citable: readonly CitableItem[] | null
}

/** An answer as typeset Markdown, block by block: while it streams, only the last block is drawn again. */
export const AnswerText = memo(function AnswerText({ text, citations, citable }: AnswerTextProps) {
  const isWritten = citable === null
  const blocks = useMemo(
    () => splitBlocks(isWritten ? markTimes(text, citations) : text),
    [text, citations, isWritten],
  )
  return (
    <div className={typeset.text}>
      <Suspense fallback={<p className={styles.plain}>{text}</p>}>
        {blocks.map((block, index) => (
          <AnswerBlock key={index} text={block} citable={citable} />
        ))}
      </Suspense>
    </div>
  )
})
