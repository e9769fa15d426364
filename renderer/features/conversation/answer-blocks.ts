/** A list grown longer than this is continued in a block of its own. */
const LONG_BLOCK = 1500

const FENCE = /^ {0,3}(`{3,}|~{3,})/
const LIST_ITEM = /^(?:[-*+]|\d{1,9}[.)])(?: |$)/
const INDENTED = /^(?: {2,}|\t)/

const BARE_NUMBER = /^(\s*\d{1,9})([.)])(\s*)$/

/** "How many dogs are there?" "2.": a number alone is an answer, in Markdown it would be an empty list. */
export function asText(block: string): string {
  return block.replace(BARE_NUMBER, '$1\\$2$3')
}

/**
 * Cuts Markdown where one block surely ends and another begins, so that a long answer is drawn piece by piece and
 * only its last piece again while it streams. Joined with newlines the blocks are the text; code fences, lists, tables
 * and what is indented below them stay whole.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = []
  let lines: string[] = []
  let length = 0
  let fence: string | null = null
  let wasBlank = false
  const cut = () => {
    if (lines.length > 0) blocks.push(lines.join('\n'))
    lines = []
    length = 0
  }
  for (const line of text.split('\n')) {
    const isItem = LIST_ITEM.test(line)
    if (fence === null && line.trim() !== '') {
      const continuesList = isItem && LIST_ITEM.test(lines[0] ?? '')
      if (wasBlank && !INDENTED.test(line) && !continuesList) cut()
      else if (continuesList && length > LONG_BLOCK) cut()
    }
    const marker = FENCE.exec(line)?.[1]
    if (marker !== undefined) {
      if (fence === null) fence = marker
      else if (marker.startsWith(fence) && line.trim() === marker) fence = null
    }
    wasBlank = line.trim() === ''
    lines.push(line)
    length += line.length + 1
  }
  cut()
  return blocks
}
