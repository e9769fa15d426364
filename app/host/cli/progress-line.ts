import { timeLeftWords } from '../../domain/time/time-left-words'
import type { AskProgress } from '../../services/ask/ask-types'
import type { Output } from './output'

export { timeLeftWords }

const BAR_CELLS = 24

const stageWords: Record<AskProgress['stage'], { verb: string; unit: string }> = {
  load: { verb: 'Loading the model', unit: '%' },
  decode: { verb: 'Decoding', unit: 'pictures' },
  encode: { verb: 'Looking at', unit: 'pictures' },
  prefill: { verb: 'Reading', unit: 'tokens' },
}

/** One line for people, e.g. "Looking at 37 of 128 pictures, about 9 s left". */
export function progressWords(progress: AskProgress): string {
  const { verb, unit } = stageWords[progress.stage]
  if (progress.stage === 'load')
    return `${verb} ${Math.floor((100 * progress.done) / Math.max(1, progress.total))} %`
  return `${verb} ${progress.done} of ${progress.total} ${unit}${timeLeftWords(progress.secondsLeft)}`
}

function bar(done: number, total: number): string {
  const filled = Math.min(BAR_CELLS, Math.round((BAR_CELLS * done) / Math.max(1, total)))
  return '#'.repeat(filled) + '-'.repeat(BAR_CELLS - filled)
}

/** A progress bar on a terminal that redraws one line; silent in a pipe. */
export class ProgressLine {
  private drawn = false
  private readonly output: Output

  constructor(output: Output) {
    this.output = output
  }

  show(progress: AskProgress): void {
    this.showWords(progressWords(progress), progress.done, progress.total)
  }

  showWords(words: string, done: number, total: number): void {
    if (!this.output.isTerminal) return
    this.output.err.write(`\r\x1b[K[${bar(done, total)}] ${words}`)
    this.drawn = true
  }

  /** Removes the line, so that what follows starts clean. */
  clear(): void {
    if (this.drawn) this.output.err.write('\r\x1b[K')
    this.drawn = false
  }
}
