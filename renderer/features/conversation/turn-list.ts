import type { Conversation, Turn } from '../../../app/contract/chat'

/** Whether a turn is still being answered. */
export function isOpen({ status }: Pick<Turn, 'status'>): boolean {
  return status === 'waiting' || status === 'reading' || status === 'streaming'
}

/** The conversation with a turn put in its place, or added at the end. */
export function withTurn(conversation: Conversation, turn: Turn): Conversation {
  const index = conversation.items.findIndex(({ id }) => id === turn.id)
  const items = index < 0 ? [...conversation.items, turn] : conversation.items.with(index, turn)
  return { ...conversation, items, turns: items.length }
}

/**
 * A conversation that was read again, with the objects of before wherever nothing changed, so that only changed turns
 * are drawn again. Turns that `keep` names stay as they are shown: following them is ahead of the database.
 */
export function mergeConversation(
  before: Conversation,
  after: Conversation,
  keep: (turnId: string) => boolean,
): Conversation {
  const shown = new Map(before.items.map((turn) => [turn.id, turn]))
  const items = after.items.map((turn) => {
    const old = shown.get(turn.id)
    return old !== undefined && (keep(turn.id) || isSameTurn(old, turn)) ? old : turn
  })
  return { ...after, items }
}

function isSameTurn(a: Turn, b: Turn): boolean {
  return (
    a.status === b.status &&
    a.answer === b.answer &&
    a.question === b.question &&
    a.model === b.model &&
    a.failure?.code === b.failure?.code &&
    a.citations.length === b.citations.length &&
    a.media.length === b.media.length &&
    (a.usage === null) === (b.usage === null)
  )
}
