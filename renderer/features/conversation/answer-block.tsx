import { memo } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { asText } from './answer-blocks'
import { markTimesSoFar, TIME_SCHEME, timeOfHref, type CitableItem } from './mark-times'
import { TimePill } from './time-pill'

const plugins = [remarkGfm]

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
  img: ({ alt }) => <span>{alt}</span>,
  // Checkboxes of task lists: a mark, not something to fill in.
  input: ({ checked }) => <span>{checked === true ? '☑' : '☐'} </span>,
}

interface AnswerBlockProps {
  readonly text: string
  /** While the answer is written: videos whose times are marked here; null when they are marked already. */
  readonly citable: readonly CitableItem[] | null
}

/**
 * One block of an answer. Raw HTML is text; links and remote pictures are shown as their words: nothing here leaves
 * the machine. Times that the answer names become pills that seek.
 */
export const AnswerBlock = memo(function AnswerBlock({ text, citable }: AnswerBlockProps) {
  return (
    <Markdown
      remarkPlugins={plugins}
      components={components}
      urlTransform={(url) => (url.startsWith(TIME_SCHEME) ? url : '')}
    >
      {asText(citable === null ? text : markTimesSoFar(text, citable))}
    </Markdown>
  )
})
