import { memo } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import type { Citation } from '../../../app/contract/chat'
import { markTimes, TIME_SCHEME, timeOfHref } from './mark-times'
import { TimePill } from './time-pill'
import styles from './answer-text.module.css'

interface AnswerTextProps {
  readonly text: string
  readonly citations: readonly Citation[]
}

/**
 * An answer as typeset Markdown. Raw HTML is text, links and remote pictures are shown as their words: nothing here
 * leaves the machine. Times that the answer names become pills that seek.
 */
export const AnswerText = memo(function AnswerText({ text, citations }: AnswerTextProps) {
  const components: Components = {
    a: ({ href, children }) => {
      const time = timeOfHref(href, citations)
      if (time === null) return <span>{children}</span>
      return <TimePill itemId={time.itemId} seconds={time.startSeconds} label={children} />
    },
    img: ({ alt }) => <span>{alt}</span>,
  }
  return (
    <div className={styles.answer}>
      <Markdown
        remarkPlugins={[remarkGfm]}
        components={components}
        urlTransform={(url) => (url.startsWith(TIME_SCHEME) ? url : '')}
      >
        {markTimes(text, citations)}
      </Markdown>
    </div>
  )
})
