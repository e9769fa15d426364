import type { Progress, Turn } from '../../../app/contract/chat'

/** The latest of each stage: decoding runs ahead of the model, so several are under way at once. */
export type StageProgress = Readonly<Partial<Record<Progress['stage'], Progress>>>

function timeLeft(secondsLeft: number | null): string {
  if (secondsLeft === null) return ''
  if (secondsLeft < 90) return `, about ${Math.max(1, Math.round(secondsLeft))} s left`
  if (secondsLeft < 5400) return `, about ${Math.round(secondsLeft / 60)} min left`
  return `, about ${(secondsLeft / 3600).toFixed(1)} h left`
}

function counted(count: number): string {
  return count.toLocaleString('en')
}

function isUnderWay(progress: Progress | undefined): boolean {
  return progress !== undefined && progress.total > 0 && progress.done < progress.total
}

/** The stage that keeps the answer waiting. */
function slowest({ load, decode, encode, prefill }: StageProgress): Progress | undefined {
  if (encode !== undefined && encode.done > 0 && isUnderWay(encode)) return encode
  if (isUnderWay(decode)) return decode
  if (isUnderWay(encode)) return encode
  if (isUnderWay(prefill)) return prefill
  if (isUnderWay(load)) return load
  return prefill ?? encode ?? decode ?? load
}

/**
 * What is being done before the first word, e.g. "Reading frame 37 of 128, about 9 s left".
 * `isQueued`: an earlier question is still being answered.
 */
export function progressWords(
  turn: Pick<Turn, 'status'>,
  progress: StageProgress | undefined,
  isQueued: boolean,
): string {
  if (turn.status === 'waiting')
    return isQueued ? 'Waiting for the question before this one' : 'Getting ready'
  const stage = slowest(progress ?? {})
  if (stage === undefined) return 'Getting ready'
  const { done, total, secondsLeft } = stage
  switch (stage.stage) {
    case 'load':
      if (done >= total) return 'Getting ready'
      return `Loading the model, ${Math.floor((100 * done) / Math.max(1, total))} %${timeLeft(secondsLeft)}`
    case 'decode':
      return `Finding frame ${counted(Math.min(done + 1, total))} of ${counted(total)}${timeLeft(secondsLeft)}`
    case 'encode':
      return `Reading frame ${counted(Math.min(done + 1, total))} of ${counted(total)}${timeLeft(secondsLeft)}`
    case 'prefill':
      if (done >= total) return 'Writing the first word'
      return `Taking in ${counted(done)} of ${counted(total)} tokens${timeLeft(secondsLeft)}`
  }
}

/** 0…1, or null while nothing can be told. */
export function progressFraction(progress: StageProgress | undefined): number | null {
  const stage = slowest(progress ?? {})
  if (stage === undefined || stage.total <= 0) return null
  // A loaded model is no progress of what comes next.
  if (stage.stage === 'load' && stage.done >= stage.total) return null
  return Math.min(1, stage.done / stage.total)
}
