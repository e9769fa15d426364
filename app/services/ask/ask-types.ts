import type { CallOptions } from '../../engine/engine-client-types'

/** A file or folder shown in a turn. A folder is expanded to its pictures (and videos) in natural order. */
export interface AskMedia {
  readonly path: string
  /** Part of a video, seconds; null for all of it. */
  readonly range: { readonly start: number; readonly end: number } | null
  /** Read pictures as a whole and in full-resolution tiles. */
  readonly tiles: boolean
}

export interface AskTurn {
  readonly question: string
  readonly media: readonly AskMedia[]
  /** The reply; absent in the last, open turn. */
  readonly reply?: string
}

/** null everywhere means: the model's own default, or what this machine allows. */
export interface AskOptions {
  readonly modelFolder: string
  readonly maxFrames: number | null
  readonly intervalSeconds: number | null
  readonly maxTokens: number | null
  readonly contextTokens: number | null
  readonly threads: number | null
  readonly temperature: number | null
  /** Unsigned 32 bit; null draws one (only matters with a temperature). */
  readonly seed: number | null
  /** Text of a broken-off reply to go on with; empty to begin anew. */
  readonly continueReply: string
}

export interface AskProgress {
  readonly stage: 'load' | 'decode' | 'encode' | 'prefill'
  readonly done: number
  readonly total: number
  /** null until it can be told. */
  readonly secondsLeft: number | null
}

export interface AskCitation {
  /** Index into the media of all turns, counted in order; folders count as their expanded files' folder. */
  readonly media: number
  readonly startSeconds: number
  readonly endSeconds: number
  /** UTF-16 offsets into the answer. */
  readonly textStart: number
  readonly textEnd: number
}

export interface AskUsage {
  readonly frames: number
  readonly promptTokens: number
  readonly answerTokens: number
  readonly prefillSeconds: number
  readonly firstTokenSeconds: number
  readonly snapshot: 'hit' | 'miss' | 'none'
}

export interface AskAnswer {
  /** What was generated now, as it was streamed, stripped at both ends; after a `continueReply` only at its end. */
  readonly text: string
  readonly citations: readonly AskCitation[]
  readonly usage: AskUsage
  readonly reason: 'end' | 'length' | 'stop_string' | 'context_full'
}

export interface AskCost {
  readonly frames: number
  readonly pictures: number
  readonly promptTokens: number
  readonly contextTokens: number
  readonly fits: boolean
  /** What would fit, when it does not; else empty. */
  readonly plan: string
}

export interface AskHandlers extends CallOptions {
  readonly onProgress?: (progress: AskProgress) => void
  readonly onText?: (text: string) => void
  /** Called once the model is loaded and the request is known to fit. */
  readonly onReady?: (ready: {
    model: string
    placement: string
    contextTokens: number
    memoryBytes: number
  }) => void
}

/** One question at a time runs on the engine; further ones wait their turn. Rejects with `AppError`s. */
export interface AskService {
  cost(turns: readonly AskTurn[], options: AskOptions, call?: CallOptions): Promise<AskCost>
  ask(turns: readonly AskTurn[], options: AskOptions, handlers?: AskHandlers): Promise<AskAnswer>
}
