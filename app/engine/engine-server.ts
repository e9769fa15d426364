import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { AppError } from '../contract/errors'
import { appendParts } from './append-pipeline'
import { fromBindingError, translated } from './binding-errors'
import type { EngineBinding } from './engine-binding'
import {
  methods,
  parseMessage,
  toWireError,
  type EngineMessage,
  type EngineMethod,
  type MethodParams,
  type MethodResult,
  type OwnerMessage,
} from './engine-protocol'
import { BATCH_TOKENS, ModelSlot } from './model-slot'
import { RunningCall } from './running-call'

type Handlers = {
  readonly [M in EngineMethod]: (params: MethodParams<M>, call: RunningCall) => Promise<MethodResult<M>>
}
type Request = Extract<OwnerMessage, { type: 'request' }>

export interface EngineServerOptions {
  readonly binding: EngineBinding
  /** What `initialise` reported. */
  readonly systemInfo: string
  readonly post: (message: EngineMessage) => void
  readonly freeBytes?: () => number
}

const DELAY_RESOLUTION_MS = 5

/** Serves the owner's requests with the addon. Owns: the model slot and every running call. */
export class EngineServer {
  private readonly binding: EngineBinding
  private readonly systemInfo: string
  private readonly post: (message: EngineMessage) => void
  private readonly slot: ModelSlot
  private readonly calls = new Map<number, RunningCall>()
  private readonly handlers: Handlers
  private delay: ReturnType<typeof monitorEventLoopDelay> | undefined

  constructor(options: EngineServerOptions) {
    this.binding = options.binding
    this.systemInfo = options.systemInfo
    this.post = options.post
    this.slot = new ModelSlot(options.binding, options.freeBytes)
    this.handlers = {
      ...this.modelHandlers(),
      ...this.sequenceHandlers(),
      ...this.parityHandlers(),
      ...this.developerHandlers(),
    }
  }

  /** A request, a cancel or pixels. Messages for calls that are over are ignored: they crossed with the reply. */
  receive(message: Exclude<OwnerMessage, { type: 'start' | 'stop' }>): void {
    switch (message.type) {
      case 'request':
        void this.answer(message)
        break
      case 'cancel':
        this.calls.get(message.id)?.cancel()
        break
      case 'pixels':
        this.calls.get(message.id)?.pushPixels(message)
        break
    }
  }

  /** Cancels everything and frees the model. */
  async stop(): Promise<void> {
    for (const call of this.calls.values()) call.cancel()
    this.delay?.disable()
    await this.slot.unload()
  }

  private async answer({ id, method, params }: Request): Promise<void> {
    try {
      if (this.calls.has(id))
        throw refused(`engine.${method}: expected a new call id, got ${String(id)} again`)
      if (!isMethod(method)) throw refused(`engine.${method}: expected a method of the engine`)
      const call = new RunningCall(this.binding.createCancelToken(), (event) => {
        this.post({ type: 'event', id, event })
      })
      this.calls.set(id, call)
      try {
        const value = await this.run(method, params, call)
        this.post({ type: 'reply', id, ok: true, value })
      } finally {
        this.calls.delete(id)
      }
    } catch (thrown) {
      this.post({ type: 'failure', id, error: toWireError(fromBindingError(thrown)) })
    }
  }

  private async run<M extends EngineMethod>(
    method: M,
    params: unknown,
    call: RunningCall,
  ): Promise<MethodResult<M>> {
    const parsed = parseMessage(methods[method].params, params, `engine.${method}`) as MethodParams<M>
    return this.handlers[method](parsed, call)
  }

  private modelHandlers(): Pick<Handlers, 'info' | 'estimate' | 'load' | 'unload' | 'quantize'> {
    return {
      info: () => Promise.resolve({ systemInfo: this.systemInfo, devices: this.binding.devices() }),
      estimate: (options) => this.slot.estimate(options),
      load: (options, call) => this.slot.load(options, call),
      unload: () => this.slot.unload(),
      quantize: (params, call) =>
        translated({ file: params.input }, () => this.binding.quantize(params, call.token)),
    }
  }

  private sequenceHandlers(): Pick<
    Handlers,
    'append' | 'generate' | 'length' | 'branch' | 'clear' | 'saveState' | 'loadState'
  > {
    const session = () => this.slot.current().session
    return {
      append: async ({ sequence, parts }, call) => {
        await appendParts({ ...this.slot.current(), sequence, batchTokens: BATCH_TOKENS }, parts, call)
      },
      generate: ({ sequence, params }, call) =>
        session().generate(sequence, params, call.token, (text, tokensSoFar) => {
          call.emit({ kind: 'text', text, tokensSoFar })
        }),
      length: async ({ sequence }) => Promise.resolve(session().length(sequence)),
      branch: async ({ from, to }) => session().branch(from, to),
      clear: async ({ sequence }) => session().clear(sequence),
      saveState: ({ sequence, path, key }) =>
        translated({ file: path }, async () => session().saveState(sequence, path, key)),
      loadState: ({ sequence, path, key }) =>
        translated({ file: path }, async () => session().loadState(sequence, path, key)),
    }
  }

  private parityHandlers(): Pick<
    Handlers,
    | 'pixelValues'
    | 'stagesFromPixelValues'
    | 'poolAndProject'
    | 'project'
    | 'encode'
    | 'evaluateAll'
    | 'lastLogits'
    | 'appendRaw'
    | 'liveHandles'
  > {
    const tower = () => this.slot.current().tower
    return {
      pixelValues: async ({ pixels }) => tower().pixelValues(pixels),
      stagesFromPixelValues: async ({ pixelValues }) => tower().stagesFromPixelValues(pixelValues),
      poolAndProject: async ({ features }) => tower().poolAndProject(features),
      project: async ({ pooled }) => tower().project(pooled),
      encode: async ({ pixels }, call) => tower().encode(pixels, call.token, undefined),
      evaluateAll: async ({ input, tensors }, call) =>
        this.slot.current().session.evaluateAll(0, input, tensors, call.token),
      lastLogits: async ({ sequence }) => this.slot.current().session.lastLogits(sequence),
      appendRaw: async ({ sequence, parts }, call) =>
        this.slot.current().session.append(sequence, parts, call.token, undefined),
      liveHandles: () => Promise.resolve(this.binding.liveHandles()),
    }
  }

  private developerHandlers(): Pick<Handlers, 'crash' | 'hang' | 'eventLoopDelay'> {
    return {
      crash: () => process.abort(),
      hang: ({ seconds }) => {
        const end = performance.now() + seconds * 1000
        while (performance.now() < end);
        return Promise.resolve(undefined)
      },
      eventLoopDelay: () => Promise.resolve(this.measuredDelay()),
    }
  }

  /** Measuring begins with the first call: its timer would wake an idle process 200 times a second. */
  private measuredDelay(): { p99Ms: number; maxMs: number } {
    if (this.delay === undefined) {
      this.delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
      this.delay.enable()
      return { p99Ms: 0, maxMs: 0 }
    }
    // The histogram holds the time between two ticks of its own timer; what is above that timer's period is delay.
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - DELAY_RESOLUTION_MS)
    const result = { p99Ms: late(this.delay.percentile(99)), maxMs: late(this.delay.max) }
    this.delay.reset()
    return result
  }
}

function isMethod(name: string): name is EngineMethod {
  return Object.hasOwn(methods, name)
}

function refused(reason: string): AppError {
  return new AppError('invalid_input', reason, { reason })
}
