import type { Turn, TurnEvent } from '../../contract/chat'
import { EventQueue } from '../event-queue'

/** A turn as the reader of a feed sees it: states, then what changes. Text waits joined; progress only the latest. */
export function createTurnQueue(signal: AbortSignal | undefined, onEnd: () => void): EventQueue<TurnEvent> {
  return new EventQueue<TurnEvent>({ merge: mergeTurnEvents, onEnd, signal })
}

function mergeTurnEvents(last: TurnEvent, next: TurnEvent): TurnEvent | undefined {
  if (last.kind === 'text' && next.kind === 'text') return { kind: 'text', text: last.text + next.text }
  if (last.kind === 'progress' && next.kind === 'progress') return next
  return undefined
}

/** How a turn changed between two looks at it; the later look is told as a state unless text was only added. */
export function changeBetween(before: Turn, after: Turn): TurnEvent | null {
  const { answer: oldAnswer, ...oldRest } = before
  const { answer, ...rest } = after
  if (JSON.stringify(oldRest) !== JSON.stringify(rest) || !answer.startsWith(oldAnswer)) {
    return { kind: 'state', turn: after }
  }
  return answer === oldAnswer ? null : { kind: 'text', text: answer.slice(oldAnswer.length) }
}
