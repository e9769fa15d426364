import { memo } from 'react'
import type { Components } from 'react-markdown'
import { MarkdownText } from '../../shared/ui/markdown-text'
import { asText } from './answer-blocks'
import { markTimesSoFar, TIME_SCHEME, timeOfHref, type CitableItem } from './mark-times'
import { TimePill } from './time-pill'

const components: Components = {
  a: ({ href, children }) => {
    const time = timeOfHref(href)
    if (time === null) return <span>{children}</span>
    return <TimePill itemId={time.itemId} seconds={time.startSeconds} label={children} />
  },
  // Below the question, which is a heading of the third level.
  h1: ({ children }) => <h4>{children}</h4>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
}

interface AnswerBlockProps {
  readonly text: string
  /** While the answer is written: videos whose times are marked here; null when they are marked already. */
  readonly citable: readonly CitableItem[] | null
}

/** One block of an answer. Times that the answer names become pills that seek. */
export const AnswerBlock = memo(function AnswerBlock({ text, citable }: AnswerBlockProps) {
  return (
    <MarkdownText
      text={asText(citable === null ? text : markTimesSoFar(text, citable))}
      components={components}
      isKnownLink={(url) => url.startsWith(TIME_SCHEME)}
    />
  )
})
