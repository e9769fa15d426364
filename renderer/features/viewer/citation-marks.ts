import type { Citation } from '../../../app/contract/chat'

/** Moments of one item that the answers of a conversation name, seconds, each once. */
export function citationMarks(
  turns: readonly { readonly citations: readonly Citation[] }[],
  itemId: string,
): number[] {
  const marks = new Set<number>()
  for (const turn of turns) {
    for (const citation of turn.citations) {
      if (citation.itemId === itemId) marks.add(citation.startSeconds)
    }
  }
  return [...marks].sort((a, b) => a - b)
}
