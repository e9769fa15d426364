import { AppError, type ErrorDetails } from '../contract/errors'
import { formatBytes } from '../domain/format-bytes'
import type {
  CallOptions,
  EngineControl,
  EngineStatus,
  LoadOptions,
  SequencePart,
} from './engine-client-types'
import { systemClock, type EngineClock } from './engine-clock'
import { unavailable } from './crash-reason'
import type { EngineMethod, MethodParams, MethodResult } from './engine-protocol'
import type { EngineSpawn } from './engine-spawn'
import { EngineSupervisor } from './engine-supervisor'
import type { VariantChoice } from './engine-variants'
import { freeMemoryBytes } from './free-memory'
import type { EngineCallOptions } from './pending-calls'
import { announceParts, PixelSender } from './pixel-sender'

export { freeMemoryBytes }

export type { EngineSpawn, EngineChild, EngineChildEvents, EngineExit } from './engine-spawn'

export interface EngineClientOptions {
  readonly spawn: EngineSpawn
  /** Absolute path of longlens.node. */
  readonly addonPath: string
  /** Finds the variant to run, once, before the first call. Rejects with `engine_unavailable`; aborted by dispose. */
  readonly choose: (signal: AbortSignal) => Promise<VariantChoice>
  readonly clock?: EngineClock
}

/** The engine as services see it. Nothing is started before the first call. */
export function createEngineClient(options: EngineClientOptions): EngineControl {
  const engine = new LazyEngine(options)
  const call: Call = (method, params, callOptions) => engine.call(method, params, callOptions)
  const modelCall: Call = async (method, params, callOptions) => {
    engine.checkModel()
    return await call(method, params, callOptions)
  }
  return {
    ...modelCalls(engine, call),
    ...sequenceCalls(modelCall),
    parity: parityCalls(modelCall),
    developer: {
      crash: () => call('crash', {}),
      hang: (seconds) => call('hang', { seconds }),
      eventLoopDelay: () => call('eventLoopDelay', {}),
    },
    status: () => engine.status(),
    onStatus: (listener) => engine.onStatus(listener),
    restart: () => engine.restart(),
    stderrTail: () => engine.stderrTail(),
    dispose: () => engine.dispose(),
  }
}

type Call = <M extends EngineMethod>(
  method: M,
  params: MethodParams<M>,
  options?: EngineCallOptions,
) => Promise<MethodResult<M>>

/** Rejects as soon as the signal aborts; what was waited for goes on without this caller. */
async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return work
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => {
    aborted.reject(new AppError('cancelled', 'cancelled while the engine was being chosen'))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Chooses the variant with the first call, and hands calls on to the supervisor. Owns: the supervisor. */
class LazyEngine {
  /** What the last load needed, for the texts of a crash for lack of memory. */
  needBytes: number | undefined
  /** `lost`: the process that held the model died, and nobody has loaded it again. */
  private model: 'none' | 'loaded' | 'lost' = 'none'
  private readonly options: EngineClientOptions
  private readonly listeners = new Set<(status: EngineStatus) => void>()
  private choosing: Promise<VariantChoice> | undefined
  private supervisor: EngineSupervisor | undefined
  private readonly disposing = new AbortController()

  constructor(options: EngineClientOptions) {
    this.options = options
  }

  async call<M extends EngineMethod>(
    method: M,
    params: MethodParams<M>,
    options: EngineCallOptions = {},
  ): Promise<MethodResult<M>> {
    if (options.signal?.aborted === true)
      throw new AppError('cancelled', `engine.${method}: cancelled by its caller`)
    const supervisor = this.supervisor ?? (await untilAborted(this.prepare(), options.signal))
    return supervisor.call(method, params, options)
  }

  /** The choice of variant; made again when the last attempt failed, since libraries may have been installed. */
  async choice(): Promise<VariantChoice> {
    if (this.disposing.signal.aborted) throw unavailable('the engine was stopped')
    this.choosing ??= this.options.choose(this.disposing.signal)
    try {
      return await this.choosing
    } catch (thrown) {
      this.choosing = undefined
      throw thrown
    }
  }

  /**
   * Throws `engine_crashed` when the loaded model went down with its process, also when no call was under way then:
   * what follows would otherwise wait for a new process, only to find it empty.
   */
  checkModel(): void {
    if (this.model === 'lost')
      throw new AppError('engine_crashed', 'the engine process that held the model ended')
  }

  modelChanged(isLoaded: boolean): void {
    this.model = isLoaded ? 'loaded' : 'none'
  }

  status(): EngineStatus {
    return this.supervisor?.status() ?? { state: 'stopped', reason: '' }
  }

  onStatus(listener: (status: EngineStatus) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  stderrTail(): readonly string[] {
    return this.supervisor?.stderrTail() ?? []
  }

  async restart(): Promise<void> {
    const supervisor = this.supervisor ?? (await this.prepare())
    await supervisor.restart()
  }

  async dispose(): Promise<void> {
    this.disposing.abort()
    await this.choosing?.catch(() => undefined)
    await this.supervisor?.stop()
  }

  private async prepare(): Promise<EngineSupervisor> {
    const { chosen } = await this.choice()
    // The client may have been disposed, or another call been faster, while this one waited.
    if (this.disposing.signal.aborted) throw unavailable('the engine was stopped')
    return (this.supervisor ??= this.createSupervisor(chosen))
  }

  private createSupervisor({
    variant,
    folder,
    libraries,
    backends,
  }: VariantChoice['chosen']): EngineSupervisor {
    const supervisor = new EngineSupervisor({
      spawn: this.options.spawn,
      clock: this.options.clock ?? systemClock,
      start: {
        type: 'start',
        addonPath: this.options.addonPath,
        variant,
        libraries: { folder, libraries: [...libraries], backends: [...backends] },
      },
      describeMemory: () => this.describeMemory(),
    })
    supervisor.onStatus((status) => {
      const isGone = status.state === 'restarting' || status.state === 'failed'
      if (isGone && this.model === 'loaded') this.model = 'lost'
      for (const listener of this.listeners) listener(status)
    })
    return supervisor
  }

  private describeMemory(): ErrorDetails {
    const need = this.needBytes === undefined ? 'more memory than there is' : formatBytes(this.needBytes)
    return { need, free: formatBytes(freeMemoryBytes()) }
  }
}

function modelCalls(
  engine: LazyEngine,
  call: Call,
): Pick<EngineControl, 'info' | 'estimate' | 'load' | 'unload' | 'quantize'> {
  return {
    info: async (options) => {
      const { chosen, reasons } = await engine.choice()
      return { variant: chosen.variant, reasons, ...(await call('info', {}, signalOf(options))) }
    },
    estimate: (load, options) => call('estimate', load, signalOf(options)),
    load: async (load: LoadOptions, options) => {
      const loaded = await call('load', load, {
        ...signalOf(options),
        onEvent: (event) => {
          if (event.kind === 'fraction') options?.onProgress?.(event.fraction)
        },
      })
      engine.needBytes = loaded.estimate.totalBytes
      engine.modelChanged(true)
      return loaded
    },
    unload: async (options) => {
      await call('unload', {}, signalOf(options))
      engine.modelChanged(false)
    },
    quantize: (params, options) => call('quantize', params, signalOf(options)),
  }
}

function sequenceCalls(
  call: Call,
): Pick<EngineControl, 'append' | 'generate' | 'length' | 'branch' | 'clear' | 'saveState' | 'loadState'> {
  return {
    append: async (sequence, parts, options) => {
      if (parts.length > 0) await append(call, sequence, parts, options)
    },
    generate: (sequence, params, options) =>
      call(
        'generate',
        { sequence, params: { ...params, stopStrings: [...params.stopStrings] } },
        {
          ...signalOf(options),
          onEvent: (event) => {
            if (event.kind === 'text') options?.onText?.(event.text, event.tokensSoFar)
          },
        },
      ),
    length: (sequence) => call('length', { sequence }),
    branch: (from, to) => call('branch', { from, to }),
    clear: (sequence) => call('clear', { sequence }),
    saveState: (sequence, path, key) => call('saveState', { sequence, path, key }),
    loadState: (sequence, path, key) => call('loadState', { sequence, path, key }),
  }
}

async function append(
  call: Call,
  sequence: number,
  parts: readonly SequencePart[],
  options: Parameters<EngineControl['append']>[2],
): Promise<void> {
  const sender = new PixelSender(parts)
  await call(
    'append',
    { sequence, parts: announceParts(parts) },
    {
      ...signalOf(options),
      onSent: (id, send) => {
        sender.start(id, send)
      },
      onEvent: (event) => {
        if (event.kind === 'pixelsTaken') sender.sendNext()
        if (event.kind === 'append')
          options?.onProgress?.({ stage: event.stage, done: event.done, total: event.total })
      },
    },
  )
}

function parityCalls(call: Call): EngineControl['parity'] {
  return {
    pixelValues: (pixels) => call('pixelValues', { pixels }),
    stagesFromPixelValues: (pixelValues) => call('stagesFromPixelValues', { pixelValues }),
    poolAndProject: (features) => call('poolAndProject', { features }),
    project: (pooled) => call('project', { pooled }),
    encode: (pixels) => call('encode', { pixels }),
    evaluateAll: (input, tensors) => call('evaluateAll', { input, tensors: [...tensors] }),
    lastLogits: (sequence) => call('lastLogits', { sequence }),
    appendRaw: (sequence, parts) => call('appendRaw', { sequence, parts: [...parts] }),
    liveHandles: () => call('liveHandles', {}),
  }
}

function signalOf(options: CallOptions | undefined): { signal?: AbortSignal } {
  return options?.signal === undefined ? {} : { signal: options.signal }
}
