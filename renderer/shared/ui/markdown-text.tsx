import Markdown, { type Components, type Options } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { Sideways } from './sideways'

interface MarkdownTextProps {
  readonly text: string
  /** What is drawn otherwise here than elsewhere: headings, the links that may be followed. */
  readonly components: Components
  /** Links that are handed to `components`; all others lose their address. */
  readonly isKnownLink?: (url: string) => boolean
  /** Applied before anything is drawn. */
  readonly plugins?: Options['remarkPlugins']
}

const safeComponents: Components = {
  a: ({ children }) => <span>{children}</span>,
  img: ({ alt }) => <span>{alt}</span>,
  // Checkboxes of task lists: a mark, not something to fill in.
  input: ({ checked }) => <span>{checked === true ? '☑' : '☐'} </span>,
  table: ({ children }) => (
    <Sideways label="Table">
      <table>{children}</table>
    </Sideways>
  ),
  // A corner of a table may be empty; an empty heading says nothing.
  th: ({ children, style }) =>
    children === undefined ? <td style={style} /> : <th style={style}>{children}</th>,
  pre: ({ children }) => (
    <Sideways label="Code">
      <pre>{children}</pre>
    </Sideways>
  ),
}

/**
 * Markdown that others wrote: raw HTML is text, links and pictures are shown as their words. Nothing here leaves the
 * machine. Stands in an element of the class `text` of typeset.module.css.
 */
export function MarkdownText({ text, components, isKnownLink, plugins = [] }: MarkdownTextProps) {
  return (
    <Markdown
      remarkPlugins={[remarkGfm, ...(plugins ?? [])]}
      components={{ ...safeComponents, ...components }}
      urlTransform={(url) => (isKnownLink?.(url) === true ? url : '')}
    >
      {text}
    </Markdown>
  )
}
