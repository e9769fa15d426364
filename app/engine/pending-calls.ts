import { AppError, toAppError } from '../contract/errors'
import type { EngineClock } from './engine-clock'
import {
  methods,
  parseMessage,
  type CallEvent,
  type EngineMethod,
  type MethodParams,
  type MethodResult,
  type OwnerMessage,
} from './engine-protocol'

export interface EngineCallOptions {
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: CallEvent) => void) | undefined
  /** The request is on its way; `send` posts what belongs to it (pixels). */
  readonly onSent?: ((id: number, send: (message: OwnerMessage) => void) => void) | undefined
}

/** How long a cancelled call may keep its caller waiting for the engine's confirmation. */
const CANCEL_WAIT_MS = 200

interface PendingCall {
  readonly method: EngineMethod
  readonly params: unknown
  readonly options: EngineCallOptions
  readonly settle: { resolve(value: unknown): void; reject(error: AppError): void }
  readonly stopListening: () => void
  sent: boolean
  callOffWait: (() => void) | undefined
}

/**
 * The owner's calls by id, from request to reply. A call that was given up is forgotten, so that its late reply and
 * events fall on nothing.
 */
export class PendingCalls {
  private readonly clock: EngineClock
  private readonly calls = new Map<number, PendingCall>()
  private nextId = 1
  private post: ((message: OwnerMessage) => void) | undefined

  constructor(clock: EngineClock) {
    this.clock = clock
  }

  /** Queues a call; it is sent at once when a process is connected. */
  add<M extends EngineMethod>(
    method: M,
    params: MethodParams<M>,
    options: EngineCallOptions,
  ): Promise<MethodResult<M>> {
    const { signal } = options
    if (signal?.aborted === true) return Promise.reject(cancelledBy(method))
    const id = this.nextId
    this.nextId += 1
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.cancel(id)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.calls.set(id, {
        method,
        params,
        options,
        settle: { resolve: resolve, reject },
        stopListening: () => {
          signal?.removeEventListener('abort', onAbort)
        },
        sent: false,
        callOffWait: undefined,
      })
      this.sendWaiting()
    })
  }

  /** A process is ready: sends what waits, and from now on every new call. */
  connect(post: (message: OwnerMessage) => void): void {
    this.post = post
    this.sendWaiting()
  }

  /** The process is gone: rejects every call, sent or not. */
  disconnect(error: AppError): void {
    this.post = undefined
    for (const id of [...this.calls.keys()]) this.remove(id)?.settle.reject(error)
  }

  /** Throws `invalid_input` when the result is not what the method promises. */
  resolve(id: number, value: unknown): void {
    const call = this.calls.get(id)
    if (call === undefined) return
    const result: unknown = parseMessage(methods[call.method].result, value, `engine.${call.method} result`)
    this.remove(id)?.settle.resolve(result)
  }

  reject(id: number, error: AppError): void {
    this.remove(id)?.settle.reject(error)
  }

  /** A listener that throws ends its own call, and nothing else. */
  event(id: number, event: CallEvent): void {
    try {
      this.calls.get(id)?.options.onEvent?.(event)
    } catch (thrown) {
      this.post?.({ type: 'cancel', id })
      this.reject(id, toAppError(thrown))
    }
  }

  private sendWaiting(): void {
    const { post } = this
    if (post === undefined) return
    for (const [id, call] of this.calls) {
      if (call.sent) continue
      call.sent = true
      post({ type: 'request', id, method: call.method, params: call.params })
      call.options.onSent?.(id, (message) => {
        if (this.calls.has(id)) post(message)
      })
    }
  }

  private cancel(id: number): void {
    const call = this.calls.get(id)
    if (call === undefined) return
    const error = cancelledBy(call.method)
    if (!call.sent || this.post === undefined) {
      this.reject(id, error)
      return
    }
    this.post({ type: 'cancel', id })
    call.callOffWait = this.clock.after(CANCEL_WAIT_MS, () => {
      this.reject(id, error)
    })
  }

  private remove(id: number): PendingCall | undefined {
    const call = this.calls.get(id)
    if (call === undefined) return undefined
    this.calls.delete(id)
    call.stopListening()
    call.callOffWait?.()
    return call
  }
}

function cancelledBy(method: string): AppError {
  return new AppError('cancelled', `engine.${method}: cancelled by its caller`)
}
