import type { EngineClient } from '../../engine/engine-client-types'
import { TimeLeft } from '../../domain/time/time-left'
import type { AskService } from '../ask/ask-types'
import type { MediaReader } from '../media/media-reader'
import type { ModelFolder } from '../models/model-folder'
import type { EvaluationSuite, QuestionResult } from './evaluation-types'
import { ReadingSpeeds } from './reading-speeds'
import { runSuite } from './run-suite'
import { summarize, type SuiteSummary } from './summarize'
import { timeReading } from './time-reading'

export interface EvaluationParts {
  readonly ask: Pick<AskService, 'ask'>
  readonly engine: EngineClient
  readonly reader: MediaReader
  readonly model: ModelFolder
}

export interface EvaluationProgress {
  readonly suite: string
  readonly asked: number
  readonly right: number
  /** Share of the whole evaluation that is done, 0…1. */
  readonly fraction: number
  readonly secondsLeft: number | null
}

export interface EvaluationHandlers {
  readonly signal: AbortSignal
  readonly onResult?: (result: QuestionResult) => void
  readonly onProgress?: (progress: EvaluationProgress) => void
}

export interface Evaluation {
  /** One a suite that was begun, in the order they ran. */
  readonly suites: readonly SuiteSummary[]
  /** Why it was not finished; absent when it was. */
  readonly thrown?: unknown
}

/** A video of a thousand frames takes half a minute: the pace of the last seconds would jump. */
const PACE_SECONDS = 120

/** Runs suites one after the other. Whatever ends it early, what was counted until then is returned. */
export async function evaluate(
  suites: readonly EvaluationSuite[],
  parts: EvaluationParts,
  handlers: EvaluationHandlers,
): Promise<Evaluation> {
  const summaries: SuiteSummary[] = []
  const total = suites.reduce((sum, suite) => sum + costOf(suite), 0)
  const pace = new TimeLeft(PACE_SECONDS)
  let before = 0
  for (const suite of suites) {
    const results: QuestionResult[] = []
    const speeds = new ReadingSpeeds()
    const report = (done: number) => {
      const secondsLeft = pace.update(performance.now() / 1000, before + done, total)
      const right = results.filter((result) => result.right).length
      const fraction = (before + done) / Math.max(1, total)
      handlers.onProgress?.({ suite: suite.name, asked: results.length, right, fraction, secondsLeft })
    }
    try {
      await runSuite({
        suite,
        ask: parts.ask,
        modelFolder: parts.model.folder,
        signal: handlers.signal,
        onResult: (result) => {
          results.push(result)
          handlers.onResult?.(result)
        },
        onProgress: report,
        timeReading: async ({ media, frames }) => {
          if (speeds.wants(frames))
            speeds.add(frames, await timeReading(parts, media, frames, handlers.signal))
        },
      })
    } catch (thrown) {
      return { suites: [...summaries, summarize(suite.name, results, speeds.list())], thrown }
    }
    summaries.push(summarize(suite.name, results, speeds.list()))
    before += costOf(suite)
  }
  return { suites: summaries }
}

function costOf({ costs }: EvaluationSuite): number {
  return costs.reduce((sum, cost) => sum + cost, 0)
}
