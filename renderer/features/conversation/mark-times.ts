import type { Citation } from '../../../app/contract/chat'
import { findCitations, type CitableMedia } from '../../../app/domain/time/citations'

/** Links of this scheme are made here; they name an item of the library and seconds in it. */
export const TIME_SCHEME = 'longlens-time:'
const TIME_LINK = /^longlens-time:([\w-]+)\/(\d+(?:\.\d+)?)$/

const CODE = /^ {0,3}(```+|~~~+)[^\n]*\n[\s\S]*?(?:^ {0,3}\1|$(?![\s\S]))|(`+)[^`][\s\S]*?\2/gm

/** Writes each cited time as a Markdown link to itself, so that it can be drawn as a pill inside any Markdown. */
export function markTimes(text: string, citations: readonly Citation[]): string {
  if (citations.length === 0) return text
  const code = [...text.matchAll(CODE)].map(({ index, 0: found }) => [index, index + found.length] as const)
  let marked = ''
  let end = 0
  for (const { itemId, startSeconds, textStart, textEnd } of citations) {
    // Overlapping or out-of-range places would garble the text: such a citation stays plain.
    if (textStart < end || textEnd <= textStart || textEnd > text.length) continue
    // Code is shown as it is: a link in it would be its source.
    if (code.some(([from, to]) => textStart < to && textEnd > from)) continue
    const link = `${TIME_SCHEME}${itemId}/${startSeconds}`
    marked += `${text.slice(end, textStart)}[${text.slice(textStart, textEnd)}](${link})`
    end = textEnd
  }
  return marked + text.slice(end)
}

/** A video that times in an answer can refer to. */
export interface CitableItem extends Omit<CitableMedia, 'media'> {
  readonly itemId: string
}

/** The same for a text that is still being written: its times are found here, as the services do at its end. */
export function markTimesSoFar(text: string, items: readonly CitableItem[]): string {
  const media = items.map((item, index) => ({ ...item, media: index }))
  const citations = findCitations(text, media).flatMap(({ media: index, ...place }) => {
    const item = items[index]
    return item === undefined ? [] : [{ ...place, itemId: item.itemId }]
  })
  return markTimes(text, citations)
}

/** The moment that a link stands for, or null for any other link. */
export function timeOfHref(href: string | undefined): Pick<Citation, 'itemId' | 'startSeconds'> | null {
  const [, itemId, seconds] = TIME_LINK.exec(href ?? '') ?? []
  return itemId === undefined ? null : { itemId, startSeconds: Number(seconds) }
}
