import type { Conversation } from '../../../app/contract/chat'

/** Moments of one item that the answers of a conversation name, seconds, each once. */
export function citationMarks(conversation: Conversation | null, itemId: string): number[] {
  const marks = new Set<number>()
  for (const turn of conversation?.items ?? []) {
    for (const citation of turn.citations) {
      if (citation.itemId === itemId) marks.add(citation.startSeconds)
    }
  }
  return [...marks].sort((a, b) => a - b)
}
