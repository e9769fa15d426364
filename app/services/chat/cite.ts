import type { Citation } from '../../contract/chat'
import { findCitations } from '../../domain/time/citations'
import type { AskCitation } from '../ask/ask-types'
import type { ItemRow } from '../library/item-row'
import type { AskRequest } from './history'

/** The model's citations, by item instead of by position. */
export function citeAnswer(citations: readonly AskCitation[], items: readonly ItemRow[]): Citation[] {
  return citations.flatMap(({ media, startSeconds, endSeconds, textStart, textEnd }) => {
    const item = items[media]
    return item === undefined ? [] : [{ itemId: item.id, startSeconds, endSeconds, textStart, textEnd }]
  })
}

/** Times in a text that was not answered in one go: stopped, interrupted or continued. */
export function citeText(text: string, { turns, items }: AskRequest): Citation[] {
  const shown = turns.flatMap(({ media }, turn) => media.map(({ range }) => ({ turn, range })))
  const videos = shown.flatMap((part, media) => {
    const item = items[media]
    return item?.kind === 'video' ? [{ media, ...part, durationSeconds: item.duration_seconds }] : []
  })
  return citeAnswer(findCitations(text, videos), items)
}
