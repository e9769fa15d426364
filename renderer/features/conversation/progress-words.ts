import type { Progress, Turn } from '../../../app/contract/chat'

function timeLeft(secondsLeft: number | null): string {
  if (secondsLeft === null) return ''
  if (secondsLeft < 90) return `, about ${Math.max(1, Math.round(secondsLeft))} s left`
  return `, about ${Math.round(secondsLeft / 60)} min left`
}

/** What is being done before the first word, e.g. "Looking at frame 37 of 128, about 9 s left". */
export function progressWords(turn: Turn, progress: Progress | undefined): string {
  if (turn.status === 'waiting') return 'Waiting for an earlier question'
  if (progress === undefined) return 'Getting ready'
  const { stage, done, total, secondsLeft } = progress
  switch (stage) {
    case 'load':
      return `Loading the model, ${Math.floor((100 * done) / Math.max(1, total))} %`
    case 'decode':
      return `Decoding picture ${done} of ${total}${timeLeft(secondsLeft)}`
    case 'encode':
      return `Looking at picture ${done} of ${total}${timeLeft(secondsLeft)}`
    case 'prefill':
      return `Reading ${done.toLocaleString('en')} of ${total.toLocaleString('en')} tokens${timeLeft(secondsLeft)}`
  }
}

/** 0…1, or null while nothing can be told. */
export function progressFraction(progress: Progress | undefined): number | null {
  if (progress === undefined || progress.total <= 0) return null
  return Math.min(1, progress.done / progress.total)
}
