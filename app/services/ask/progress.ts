import { TimeLeft } from '../../domain/time/time-left'
import type { AskProgress } from './ask-types'

const MIN_INTERVAL_MS = 50

type Stage = AskProgress['stage']

/**
 * Passes progress on at most 20 times a second a stage, with the time left at the pace of the last seconds. A stage's
 * last step is always passed on, the same step never twice.
 */
export class Progress {
  private readonly listener: ((progress: AskProgress) => void) | undefined
  private readonly nowMs: () => number
  private readonly stages = new Map<Stage, { pace: TimeLeft; lastMs: number; lastDone: number }>()

  constructor(
    listener: ((progress: AskProgress) => void) | undefined,
    nowMs: () => number = () => performance.now(),
  ) {
    this.listener = listener
    this.nowMs = nowMs
  }

  report(stage: Stage, done: number, total: number): void {
    if (this.listener === undefined) return
    const nowMs = this.nowMs()
    const state = this.stages.get(stage) ?? { pace: new TimeLeft(), lastMs: -Infinity, lastDone: -1 }
    this.stages.set(stage, state)
    if (done === state.lastDone) return
    if (nowMs - state.lastMs < MIN_INTERVAL_MS && done < total) return
    state.lastMs = nowMs
    state.lastDone = done
    this.listener({ stage, done, total, secondsLeft: state.pace.update(nowMs / 1000, done, total) })
  }
}
