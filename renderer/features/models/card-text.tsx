import type { Components } from 'react-markdown'
import { MarkdownText } from '../../shared/ui/markdown-text'
import { htmlAsWords } from './html-as-words'

const components: Components = {
  // Below the dialog's title, which is a heading of the second level.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  // Neither a file beside the card nor a picture on the web is loaded.
  img: ({ alt }) => (alt === undefined || alt === '' ? null : <span>(picture: {alt})</span>),
}

const plugins = [htmlAsWords]

/** A model card as its makers wrote it, typeset. */
export function CardText({ markdown }: { readonly markdown: string }) {
  return <MarkdownText text={markdown} components={components} plugins={plugins} />
}
