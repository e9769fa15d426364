/**
 * Events on their way to one slow reader, as an async iterator. `merge` may fold a new event into the last one that
 * waits, which bounds the queue without losing anything that the kind of event must not lose. Ends by `end`, by the
 * reader's `return`, or by the signal; `onEnd` is then called once.
 */
export class EventQueue<T> implements AsyncIteratorObject<T, undefined> {
  readonly #merge: (last: T, next: T) => T | undefined
  readonly #onEnd: () => void
  readonly #waiting: T[] = []
  #pulls: ((result: IteratorResult<T, undefined> | Promise<never>) => void)[] = []
  #ended = false
  #error: Error | null = null
  readonly #signal: AbortSignal | undefined
  readonly #abort = (): void => {
    this.#finish(true)
  }

  constructor(options: {
    merge?: (last: T, next: T) => T | undefined
    onEnd?: () => void
    signal?: AbortSignal | undefined
  }) {
    this.#merge = options.merge ?? (() => undefined)
    this.#onEnd = options.onEnd ?? (() => undefined)
    this.#signal = options.signal
    if (this.#signal?.aborted === true) this.#finish(true)
    else this.#signal?.addEventListener('abort', this.#abort, { once: true })
  }

  get isEnded(): boolean {
    return this.#ended
  }

  push(event: T): void {
    if (this.#ended) return
    const pull = this.#pulls.shift()
    if (pull !== undefined) {
      pull({ done: false, value: event })
      return
    }
    const last = this.#waiting.at(-1)
    const merged = last === undefined ? undefined : this.#merge(last, event)
    if (merged === undefined) this.#waiting.push(event)
    else this.#waiting[this.#waiting.length - 1] = merged
  }

  /** No more events; what waits is still delivered. */
  end(): void {
    this.#finish(false)
  }

  /** Ends with an error, told once what waits was delivered. */
  fail(error: Error): void {
    if (this.#ended) return
    const [pull, ...rest] = this.#pulls
    if (pull === undefined) this.#error = error
    else pull(Promise.reject(error))
    this.#pulls = rest
    this.#finish(false)
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const event = this.#waiting.shift()
    if (event !== undefined) return Promise.resolve({ done: false, value: event })
    if (this.#error !== null) {
      const error = this.#error
      this.#error = null
      return Promise.reject(error)
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => {
      this.#pulls.push(resolve)
    })
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#finish(true)
    return Promise.resolve({ done: true, value: undefined })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #finish(drop: boolean): void {
    if (drop) {
      this.#waiting.length = 0
      this.#error = null
    }
    if (this.#ended) return
    this.#ended = true
    this.#signal?.removeEventListener('abort', this.#abort)
    for (const pull of this.#pulls) pull({ done: true, value: undefined })
    this.#pulls = []
    this.#onEnd()
  }
}
