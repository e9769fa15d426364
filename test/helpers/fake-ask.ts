import { AppError } from '../../app/contract/errors'
import type {
  AskAnswer,
  AskCost,
  AskHandlers,
  AskOptions,
  AskService,
  AskTurn,
} from '../../app/services/ask/ask-types'

/** One question that a test answers by hand. */
export interface FakeCall {
  readonly turns: readonly AskTurn[]
  readonly options: AskOptions
  readonly handlers: AskHandlers
  /** Streams a piece of the answer. */
  text(piece: string): void
  /** Ends the answer with what was streamed. */
  finish(citations?: AskAnswer['citations']): void
  fail(error: AppError): void
}

/** An ask service that streams what the test says, when the test says it. Cancelling rejects as the real one does. */
export class FakeAsk implements AskService {
  readonly calls: FakeCall[] = []
  readonly #arrivals: ((call: FakeCall) => void)[] = []
  #taken = 0

  /** The next question that was not taken yet; waits for it. */
  nextCall(): Promise<FakeCall> {
    const call = this.calls[this.#taken]
    this.#taken += 1
    return call === undefined
      ? new Promise((resolve) => {
          this.#arrivals.push(resolve)
        })
      : Promise.resolve(call)
  }

  cost(turns: readonly AskTurn[]): Promise<AskCost> {
    const pictures = turns.reduce((sum, turn) => sum + turn.media.length, 0)
    return Promise.resolve({
      frames: 0,
      pictures,
      promptTokens: 10,
      contextTokens: 100,
      fits: true,
      plan: '',
    })
  }

  ask(turns: readonly AskTurn[], options: AskOptions, handlers: AskHandlers = {}): Promise<AskAnswer> {
    return new Promise((resolve, reject) => {
      let streamed = ''
      const call: FakeCall = {
        turns,
        options,
        handlers,
        text: (piece) => {
          streamed += piece
          handlers.onText?.(piece)
        },
        finish: (citations = []) => {
          resolve({ text: streamed, citations, usage: fakeUsage, reason: 'end' })
        },
        fail: reject,
      }
      handlers.signal?.addEventListener('abort', () => {
        reject(new AppError('cancelled', 'the fake was stopped'))
      })
      handlers.onReady?.({
        model: 'Fake-1',
        placement: 'CPU, 2 threads',
        contextTokens: 1000,
        memoryBytes: 5,
      })
      this.calls.push(call)
      this.#arrivals.shift()?.(call)
    })
  }
}

export const fakeUsage = {
  frames: 3,
  promptTokens: 40,
  answerTokens: 5,
  prefillSeconds: 0.5,
  firstTokenSeconds: 0.6,
  snapshot: 'miss',
} as const

/** An ask service that streams numbered words by itself until it is stopped: `0 1 2 …`. */
export class CountingAsk implements AskService {
  readonly #pauseMs: number
  readonly #words: number
  readonly #onWord: (question: string, word: number) => void

  constructor(options: {
    words: number
    pauseMs: number
    onWord?: (question: string, word: number) => void
  }) {
    this.#words = options.words
    this.#pauseMs = options.pauseMs
    this.#onWord = options.onWord ?? (() => undefined)
  }

  cost(): Promise<AskCost> {
    return Promise.resolve({
      frames: 0,
      pictures: 0,
      promptTokens: 1,
      contextTokens: 10,
      fits: true,
      plan: '',
    })
  }

  async ask(turns: readonly AskTurn[], options: AskOptions, handlers: AskHandlers = {}): Promise<AskAnswer> {
    const first = options.continueReply === '' ? 0 : options.continueReply.split(' ').length
    let text = ''
    for (let word = first; word < first + this.#words; word += 1) {
      await new Promise((resolve) => setTimeout(resolve, this.#pauseMs))
      if (handlers.signal?.aborted === true) throw new AppError('cancelled', 'stopped')
      const piece = word === 0 ? '0' : ` ${word}`
      text += piece
      handlers.onText?.(piece)
      this.#onWord(turns.at(-1)?.question ?? '', word)
    }
    return { text, citations: [], usage: fakeUsage, reason: 'end' }
  }
}
