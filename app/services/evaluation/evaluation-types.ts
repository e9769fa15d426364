import type { AskMedia } from '../ask/ask-types'

/** One question and how its reply is judged. */
export interface EvaluationTurn {
  readonly task: string
  readonly question: string
  /** The answer that is shown as the right one. */
  readonly expected: string
  readonly isRight: (reply: string) => boolean
}

/** A question about media; several turns make a conversation, in which the model's own replies stand. */
export interface EvaluationCase {
  /** Unique within its suite, the same for the same seed. */
  readonly id: string
  readonly media: readonly AskMedia[]
  readonly turns: readonly EvaluationTurn[]
  /** Frames of a video, pictures of a set, tiles of a large picture; null where there is no length to speak of. */
  readonly length: number | null
  /** Where in a video the answer lies: 0 its first frame … 1 its last; null where that says nothing. */
  readonly depth: number | null
  /** Most frames to read of each video; null: the model's default. */
  readonly maxFrames: number | null
}

/** Files that were made or found, and everything that is asked about them; the files are read once. */
export interface EvaluationGroup {
  readonly cases: readonly EvaluationCase[]
  /** A video whose reading is to be timed after its questions. */
  readonly timed?: { readonly media: AskMedia; readonly frames: number }
  /** Removes the files that were made for it. */
  readonly remove?: () => Promise<void>
}

export const SUITE_NAMES = [
  'single',
  'video',
  'tiles',
  'multi',
  'needle',
  'unknown',
  'real',
  'dialogue',
] as const
export type GeneratedSuiteName = (typeof SUITE_NAMES)[number]
export type SuiteName = GeneratedSuiteName | 'folder'

export interface EvaluationSuite {
  readonly name: SuiteName
  /** What each group costs, in pictures to read or the like: only their proportions count, for the time left. */
  readonly costs: readonly number[]
  /** Makes group `index` of `costs.length`. */
  draw(index: number, signal: AbortSignal): Promise<EvaluationGroup>
}

/** What became of one question. `--json` prints it as it is. */
export interface QuestionResult {
  readonly suite: SuiteName
  readonly id: string
  /** From 0, of `turns`. */
  readonly turn: number
  readonly turns: number
  readonly task: string
  readonly question: string
  readonly expected: string
  readonly answer: string
  readonly right: boolean
  readonly length: number | null
  readonly depth: number | null
  /** File names, for people. */
  readonly media: readonly string[]
  /** Frames of videos that the model was shown. */
  readonly frames: number
  readonly promptTokens: number
  /** Seconds from the question to its last word, reading included. */
  readonly seconds: number
  /** Seconds of reading, decoding included; 0 when nothing had to be read. */
  readonly readSeconds: number
  /** Why it could not be asked at all; it then counts as wrong. */
  readonly error?: string
}

/** Frames a second from decoded pictures to a state that can be asked: vision tower and language model. */
export interface ReadingSpeed {
  readonly length: number
  readonly videos: number
  readonly frames: number
  readonly seconds: number
  readonly framesPerSecond: number
  /** What is wanted on two cores. */
  readonly bar: { readonly value: number; readonly met: boolean }
}
