import type { Citation } from '../../../app/contract/chat'

/** Links of this scheme are made here and nowhere else; they name a citation by its place in the list. */
export const TIME_SCHEME = 'longlens-time:'

const CODE = /^ {0,3}(```+|~~~+)[^\n]*\n[\s\S]*?(?:^ {0,3}\1|$(?![\s\S]))|(`+)[^`][\s\S]*?\2/gm

/** Writes each cited time as a Markdown link to itself, so that it can be drawn as a pill inside any Markdown. */
export function markTimes(text: string, citations: readonly Citation[]): string {
  if (citations.length === 0) return text
  const code = [...text.matchAll(CODE)].map(({ index, 0: found }) => [index, index + found.length] as const)
  let marked = ''
  let end = 0
  for (const [index, { textStart, textEnd }] of citations.entries()) {
    // Overlapping or out-of-range places would garble the text: such a citation stays plain.
    if (textStart < end || textEnd <= textStart || textEnd > text.length) continue
    // Code is shown as it is: a link in it would be its source.
    if (code.some(([from, to]) => textStart < to && textEnd > from)) continue
    marked += `${text.slice(end, textStart)}[${text.slice(textStart, textEnd)}](${TIME_SCHEME}${index})`
    end = textEnd
  }
  return marked + text.slice(end)
}

/** The citation that a link stands for, or null for any other link. */
export function timeOfHref(href: string | undefined, citations: readonly Citation[]): Citation | null {
  if (href?.startsWith(TIME_SCHEME) !== true) return null
  return citations[Number(href.slice(TIME_SCHEME.length))] ?? null
}
