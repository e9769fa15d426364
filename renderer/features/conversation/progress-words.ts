import type { Progress, Turn } from '../../../app/contract/chat'
import { timeLeftWords } from '../../../app/domain/time/time-left-words'

/** The latest of each stage: decoding runs ahead of the model, so several are under way at once. */
export type StageProgress = Readonly<Partial<Record<Progress['stage'], Progress>>>

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
 *
 * @param isQueued an earlier question is still being answered
 * @param of what is read: frames of videos, or pictures of any kind
 */
export function progressWords(
  turn: Pick<Turn, 'status'>,
  progress: StageProgress | undefined,
  isQueued: boolean,
  of: 'frame' | 'picture' = 'frame',
): string {
  if (turn.status === 'waiting')
    return isQueued ? 'Waiting for the question before this one' : 'Getting ready'
  const stage = slowest(progress ?? {})
  if (stage === undefined) return 'Getting ready'
  const { done, total, secondsLeft } = stage
  switch (stage.stage) {
    case 'load':
      if (done >= total) return 'Getting ready'
      return `Loading the model, ${Math.floor((100 * done) / Math.max(1, total))} %${timeLeftWords(secondsLeft)}`
    case 'decode':
      return `Finding ${of} ${counted(Math.min(done + 1, total))} of ${counted(total)}${timeLeftWords(secondsLeft)}`
    case 'encode':
      return `Reading ${of} ${counted(Math.min(done + 1, total))} of ${counted(total)}${timeLeftWords(secondsLeft)}`
    case 'prefill':
      if (done >= total) return 'Writing the first word'
      return `Taking in ${counted(done)} of ${counted(total)} tokens${timeLeftWords(secondsLeft)}`
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
