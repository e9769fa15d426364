import { basename } from 'node:path'
import { toAppError, type AppError, type ErrorCode } from '../../contract/errors'
import type { AskAnswer, AskOptions, AskService, AskTurn } from '../ask/ask-types'
import type {
  EvaluationCase,
  EvaluationGroup,
  EvaluationSuite,
  EvaluationTurn,
  QuestionResult,
} from './evaluation-types'

/** Failures of one question; all others end the evaluation. */
const FAILURES_OF_A_QUESTION: ReadonlySet<ErrorCode> = new Set([
  'invalid_input',
  'media_not_found',
  'media_unreadable',
  'media_empty',
  'media_unsupported',
  'media_damaged',
  'media_changed',
  'media_timeout',
  'folder_empty',
  'request_too_long',
])

export interface SuiteRun {
  readonly suite: EvaluationSuite
  readonly ask: Pick<AskService, 'ask'>
  readonly modelFolder: string
  readonly signal: AbortSignal
  readonly onResult: (result: QuestionResult) => void
  /** Cost of the groups that are done. */
  readonly onProgress: (done: number) => void
  /** Times the reading of a group's video, with the model still loaded. */
  readonly timeReading?: (timed: NonNullable<EvaluationGroup['timed']>) => Promise<void>
}

/**
 * Asks every question of a suite through the ask service, greedily and otherwise with the model's own settings. What
 * is wrong with one question's media is that question's result; any other failure is thrown, as is `cancelled`.
 */
export async function runSuite(run: SuiteRun): Promise<void> {
  let done = 0
  for (const [index, cost] of run.suite.costs.entries()) {
    run.signal.throwIfAborted()
    const group = await run.suite.draw(index, run.signal)
    try {
      for (const [asked, one] of group.cases.entries()) {
        await runCase(run, one)
        run.onProgress(done + (cost * (asked + 1)) / group.cases.length)
      }
      if (group.timed !== undefined) await run.timeReading?.(group.timed)
    } finally {
      await group.remove?.()
    }
    done += cost
    run.onProgress(done)
  }
}

async function runCase(run: SuiteRun, one: EvaluationCase): Promise<void> {
  const past: AskTurn[] = []
  for (const [index, turn] of one.turns.entries()) {
    const media = index === 0 ? one.media : []
    const startedMs = performance.now()
    const answer = await answerOf(run, one, [...past, { question: turn.question, media }])
    const result = resultOf(run, one, turn, index, answer)
    run.onResult({ ...result, seconds: (performance.now() - startedMs) / 1000 })
    if (answer.kind === 'failed') return
    past.push({ question: turn.question, media, reply: answer.answer.text })
  }
}

type Outcome =
  | { readonly kind: 'answered'; readonly answer: AskAnswer }
  | { readonly kind: 'failed'; readonly error: AppError }

async function answerOf(run: SuiteRun, one: EvaluationCase, turns: readonly AskTurn[]): Promise<Outcome> {
  try {
    const answer = await run.ask.ask(turns, optionsOf(run, one), { signal: run.signal })
    return { kind: 'answered', answer }
  } catch (thrown) {
    const error = toAppError(thrown)
    if (run.signal.aborted || !FAILURES_OF_A_QUESTION.has(error.code)) throw thrown
    return { kind: 'failed', error }
  }
}

function optionsOf({ modelFolder }: SuiteRun, { maxFrames }: EvaluationCase): AskOptions {
  return {
    modelFolder,
    maxFrames,
    intervalSeconds: null,
    maxTokens: null,
    contextTokens: null,
    threads: null,
    temperature: 0,
    seed: null,
    continueReply: '',
  }
}

function resultOf(
  { suite }: SuiteRun,
  { id, media, length, depth, turns }: EvaluationCase,
  { task, question, expected, isRight }: EvaluationTurn,
  turn: number,
  outcome: Outcome,
): Omit<QuestionResult, 'seconds'> {
  const asked = {
    suite: suite.name,
    id,
    turn,
    turns: turns.length,
    task,
    question,
    expected,
    length,
    depth,
    media: media.map(({ path }) => basename(path)),
  }
  if (outcome.kind === 'failed') {
    const { code, message } = outcome.error
    const error = `${code}: ${message}`
    return { ...asked, answer: '', right: false, frames: 0, promptTokens: 0, readSeconds: 0, error }
  }
  const { text, usage } = outcome.answer
  return {
    ...asked,
    answer: text,
    right: isRight(text),
    frames: usage.frames,
    promptTokens: usage.promptTokens,
    readSeconds: usage.snapshot === 'miss' ? usage.prefillSeconds : 0,
  }
}
