/** What this plugin needs to know of a node of the syntax tree. */
interface MarkdownNode {
  type: string
  value?: string
  children?: MarkdownNode[]
}

const COMMENT = /<!--[\s\S]*?-->/gu
const LINE_BREAK = /<br\s*\/?>/giu
const TAG = /<\/?[a-z][^<>]*>/giu
/** Nodes whose children are words; HTML anywhere else is a block of its own. */
const WITH_WORDS = new Set(['paragraph', 'heading', 'emphasis', 'strong', 'delete', 'link', 'tableCell'])

/**
 * Model cards from the web hold HTML: centred titles, badges, details to unfold, comments. Its words stay, as plain
 * text; tags and comments go. Nothing is ever parsed as HTML.
 */
export function htmlAsWords() {
  return (tree: MarkdownNode): void => {
    keepWords(tree)
  }
}

function keepWords(parent: MarkdownNode): void {
  if (parent.children === undefined) return
  parent.children = parent.children.flatMap((node) => {
    if (node.type !== 'html') {
      keepWords(node)
      return [node]
    }
    const words = (node.value ?? '').replace(COMMENT, '').replace(LINE_BREAK, ' ').replace(TAG, '').replace(/\s+/gu, ' ')
    const text = { type: 'text', value: words }
    // Between words a space counts: it may be a line break.
    if (WITH_WORDS.has(parent.type)) return [text]
    return words.trim() === '' ? [] : [{ type: 'paragraph', children: [text] }]
  })
}
