import { memo } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import type { Citation } from '../../../app/contract/chat'
import { TIME_SCHEME, timeOfHref } from './mark-times'
import { TimePill } from './time-pill'

const plugins = [remarkGfm]

interface AnswerBlockProps {
  readonly text: string
  readonly citations: readonly Citation[]
}

/**
 * One block of an answer. Raw HTML is text; links and remote pictures are shown as their words: nothing here leaves
 * the machine. Times that the answer names become pills that seek.
 */
export const AnswerBlock = memo(function AnswerBlock({ text, citations }: AnswerBlockProps) {
  const components: Components = {
    a: ({ href, children }) => {
      const time = timeOfHref(href, citations)
      if (time === null) return <span>{children}</span>
      return <TimePill itemId={time.itemId} seconds={time.startSeconds} label={children} />
    },
    // Below the question, which is a heading of the third level.
    h1: ({ children }) => <h4>{children}</h4>,
    h2: ({ children }) => <h4>{children}</h4>,
    h3: ({ children }) => <h5>{children}</h5>,
    h4: ({ children }) => <h6>{children}</h6>,
    h5: ({ children }) => <h6>{children}</h6>,
    img: ({ alt }) => <span>{alt}</span>,
    // Checkboxes of task lists: a mark, not something to fill in.
    input: ({ checked }) => <span>{checked === true ? '☑' : '☐'} </span>,
  }
  return (
    <Markdown
      remarkPlugins={plugins}
      components={components}
      urlTransform={(url) => (url.startsWith(TIME_SCHEME) ? url : '')}
    >
      {text}
    </Markdown>
  )
})
