import type { Citation, Turn, TurnEvent } from '../../contract/chat'
import { toKeptFailure } from '../../contract/error-map'
import { type AppError, isCancelled, toAppError } from '../../contract/errors'
import type { AskAnswer, AskHandlers, AskProgress } from '../ask/ask-types'
import type { EventQueue } from '../event-queue'
import { createTurnQueue } from './turn-feed'
import type { TurnState } from './turn-repository'
import { isOpen, type Previous } from './turn-row'

/** Text reaches the database at most this often while it streams. The promise is once a second. */
const FLUSH_MS = 250

export interface TurnAnswerParts {
  readonly turn: Turn
  /** The answer before a retry; put back when the retry ends without a word. */
  readonly previous: Previous | null
  /** Asks the model. Called once. */
  readonly ask: (handlers: AskHandlers, signal: AbortSignal) => Promise<AskAnswer>
  /** Citations in the complete text; `answer` when the model answered it in one go. */
  readonly cite: (text: string, answer: AskAnswer | null) => Citation[]
  readonly saveText: (state: Pick<TurnState, 'answer' | 'status' | 'model'>) => 'go' | 'stop' | 'lost'
  /** When it throws, followers are told why; saving the end later is then its own affair. */
  readonly finish: (state: TurnState) => void
}

/**
 * One turn while it is being answered. Owns the request to the model, the timer that saves the text, and the feeds
 * of those who follow.
 */
export class TurnAnswer {
  readonly #parts: TurnAnswerParts
  readonly #abort = new AbortController()
  readonly #feeds = new Set<EventQueue<TurnEvent>>()
  /** What a resumed answer begins with. */
  readonly #base: string
  #turn: Turn
  #progress: AskProgress | null = null
  #ending: 'stop' | 'close' | 'lost' | null = null
  #flushTimer: NodeJS.Timeout | null = null

  constructor(parts: TurnAnswerParts) {
    this.#parts = parts
    this.#turn = parts.turn
    this.#base = parts.turn.answer
  }

  get turn(): Turn {
    return this.#turn
  }

  /** Everything so far, then what comes. */
  follow(signal: AbortSignal | undefined): EventQueue<TurnEvent> {
    const feed = createTurnQueue(signal, () => this.#feeds.delete(feed))
    this.#feeds.add(feed)
    feed.push({ kind: 'state', turn: this.#turn })
    if (this.#progress !== null && this.#turn.status === 'reading') {
      feed.push({ kind: 'progress', progress: { ...this.#progress } })
    }
    if (!isOpen(this.#turn.status)) feed.end()
    return feed
  }

  /** `stop`: the person wants no more. `close`: the program ends. The text so far is kept. */
  end(reason: 'stop' | 'close'): void {
    this.#ending ??= reason
    this.#abort.abort()
  }

  /** Resolves when the turn is answered, stopped or failed, and `finish` was called. Never rejects. */
  async run(): Promise<void> {
    let state: TurnState
    try {
      const { signal } = this.#abort
      const answer = await this.#parts.ask(this.#handlers(signal), signal)
      state = this.#doneState(answer)
    } catch (error) {
      state = this.#brokenState(toAppError(error))
    }
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer)
    this.#finish(state)
  }

  #handlers(signal: AbortSignal): AskHandlers {
    return {
      signal,
      onReady: ({ model }) => {
        this.#turn = { ...this.#turn, model }
      },
      onProgress: (progress) => {
        this.#onProgress(progress)
      },
      onText: (text) => {
        this.#onText(text)
      },
    }
  }

  #onProgress(progress: AskProgress): void {
    this.#progress = progress
    if (this.#turn.status === 'waiting') this.#setStatus('reading')
    this.#tell({ kind: 'progress', progress: { ...progress } })
  }

  #onText(text: string): void {
    if (text === '') return
    if (this.#turn.status !== 'streaming') this.#setStatus('streaming')
    this.#turn = { ...this.#turn, answer: this.#turn.answer + text }
    this.#tell({ kind: 'text', text })
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = null
      this.#flush()
    }, FLUSH_MS)
  }

  #setStatus(status: 'reading' | 'streaming'): void {
    this.#turn = { ...this.#turn, status }
    this.#tell({ kind: 'state', turn: this.#turn })
    if (status === 'reading') this.#flush()
  }

  #flush(): void {
    let verdict
    try {
      verdict = this.#parts.saveText(this.#turn)
    } catch {
      // A full or busy disk: the text is still here, and the next flush or the end saves all of it.
      return
    }
    if (verdict === 'stop') this.end('stop')
    if (verdict === 'lost') {
      this.#ending = 'lost'
      this.#abort.abort()
    }
  }

  #doneState(answer: AskAnswer): TurnState {
    const isWhole = this.#base === ''
    const text = isWhole ? answer.text : this.#turn.answer.trimEnd()
    return {
      answer: text,
      status: 'done',
      failure: null,
      citations: this.#parts.cite(text, isWhole ? answer : null),
      usage: answer.usage,
      model: this.#turn.model,
    }
  }

  #brokenState(error: AppError): TurnState {
    const isStopped = isCancelled(error) && this.#ending !== 'close'
    const isInterrupted =
      this.#ending === 'close' || error.code === 'engine_crashed' || error.code === 'engine_unresponsive'
    const failure = isCancelled(error) ? null : toKeptFailure(error)
    const { previous } = this.#parts
    if (previous !== null && this.#turn.answer === '') {
      return failure === null ? previous : { ...previous, status: 'failed', failure }
    }
    const answer = this.#turn.answer.trimEnd()
    return {
      answer,
      status: isStopped ? 'stopped' : isInterrupted ? 'interrupted' : 'failed',
      failure,
      citations: this.#parts.cite(answer, null),
      usage: null,
      model: this.#turn.model,
    }
  }

  #finish(state: TurnState): void {
    let final = state
    try {
      // Nothing is changed when the turn was deleted, or declared interrupted by another process, meanwhile.
      this.#parts.finish(state)
    } catch (error) {
      final = { ...state, status: 'failed', failure: toKeptFailure(toAppError(error)) }
    }
    const { question = this.#turn.question, ...end } = final
    this.#turn = { ...this.#turn, question, ...end }
    this.#tell({ kind: 'state', turn: this.#turn })
    for (const feed of this.#feeds) feed.end()
  }

  #tell(event: TurnEvent): void {
    for (const feed of this.#feeds) feed.push(event)
  }
}
