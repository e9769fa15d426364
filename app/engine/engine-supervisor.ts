import { AppError, toAppError, type ErrorDetails } from '../contract/errors'
import { CrashPolicy } from './crash-policy'
import { crashError, oomKillCount, protocolError, unavailable } from './crash-reason'
import type { EngineStatus } from './engine-client-types'
import { systemClock, type EngineClock } from './engine-clock'
import {
  engineMessageSchema,
  fromWireError,
  parseMessage,
  type EngineMessage,
  type EngineMethod,
  type MethodParams,
  type MethodResult,
  type StartMessage,
} from './engine-protocol'
import type { EngineChild, EngineExit, EngineSpawn } from './engine-spawn'
import { PendingCalls, type EngineCallOptions } from './pending-calls'

export interface EngineSupervisorOptions {
  readonly spawn: EngineSpawn
  /** Posted to each new process. Absent in tests of the supervisor alone. */
  readonly start?: StartMessage
  readonly clock?: EngineClock
  /** Details of `out_of_memory` after a crash. */
  readonly describeMemory?: () => ErrorDetails
  readonly countOomKills?: () => number | undefined
}

const STDERR_LINES = 200
const LAST_WORDS = 5
const HEARTBEAT_CHECK_MS = 1000
const SILENCE_MS = 10_000
const STOP_WAIT_MS = 3000

/** One process from its start to its exit. */
interface Life {
  readonly child: EngineChild
  readonly oomKillsBefore: number | undefined
  lastHeardMs: number
  /** It said hello: requests may be sent. */
  greeted: boolean
  /** Its last few lines, which explain a crash. */
  readonly lastWords: string[]
  /** What it said before it ended, when that explains the end better than its exit code. */
  lastError: AppError | undefined
  /** It said that starting again is useless. */
  cannotStart: boolean
  /** Ended by us; `restart` and `stop` wait for it. */
  readonly ended: PromiseWithResolvers<undefined>
  ending: boolean
}

/**
 * Owns the engine process: starts it with the first call, listens to its heartbeat, restarts it after a crash (1, 2,
 * 4 s; three crashes in five minutes end it as `failed`), stops it. Calls made while it starts wait for it.
 */
export class EngineSupervisor {
  private readonly options: EngineSupervisorOptions
  private readonly clock: EngineClock
  private readonly policy = new CrashPolicy()
  private readonly calls: PendingCalls
  private readonly listeners = new Set<(status: EngineStatus) => void>()
  private readonly lines: string[] = []
  private current: EngineStatus = { state: 'stopped', reason: '' }
  private life: Life | undefined
  private failure: AppError | undefined
  private stopped: Promise<void> | undefined
  private callOffRestart: (() => void) | undefined
  private callOffHeartbeat: (() => void) | undefined

  constructor(options: EngineSupervisorOptions) {
    this.options = options
    this.clock = options.clock ?? systemClock
    this.calls = new PendingCalls(this.clock)
  }

  call<M extends EngineMethod>(
    method: M,
    params: MethodParams<M>,
    options: EngineCallOptions = {},
  ): Promise<MethodResult<M>> {
    if (this.stopped !== undefined) return Promise.reject(unavailable('the engine was stopped'))
    if (this.failure !== undefined) return Promise.reject(this.failure)
    const answer = this.calls.add(method, params, options)
    if (this.current.state === 'stopped') this.launch()
    return answer
  }

  status(): EngineStatus {
    return this.current
  }

  onStatus(listener: (status: EngineStatus) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The last lines of stderr of this process and those before it, at most 200. */
  stderrTail(): readonly string[] {
    return [...this.lines]
  }

  /** Process id of the engine, while there is one. */
  pid(): number | undefined {
    return this.life?.child.pid
  }

  /** Kills the process if there is one and starts anew; earlier crashes are forgotten. */
  async restart(): Promise<void> {
    if (this.stopped !== undefined) throw unavailable('the engine was stopped')
    this.policy.forgive()
    this.failure = undefined
    this.clearTimers()
    const { life } = this
    if (life !== undefined) {
      this.calls.disconnect(new AppError('engine_crashed', 'the engine was restarted on request'))
      this.publish('restarting', 'it was restarted on request')
      life.ending = true
      life.child.kill()
      await life.ended.promise
    }
    // Another restart, or a stop, may have come in between.
    if (this.life === undefined && !this.isStopping()) this.launch()
  }

  /** Asks the process to end, waits 3 s, kills it. Running calls reject with `cancelled`. Idempotent. */
  stop(): Promise<void> {
    this.stopped ??= this.shutDown()
    return this.stopped
  }

  private isStopping(): boolean {
    return this.stopped !== undefined
  }

  private async shutDown(): Promise<void> {
    this.clearTimers()
    this.calls.disconnect(new AppError('cancelled', 'the engine is being stopped'))
    const { life } = this
    if (life !== undefined) {
      life.ending = true
      life.child.send({ type: 'stop' })
      const callOffKill = this.clock.after(STOP_WAIT_MS, () => {
        life.child.kill()
      })
      await life.ended.promise
      callOffKill()
    }
    this.publish('stopped', '')
  }

  private launch(): void {
    this.clearTimers()
    this.publish('starting', '')
    const child = this.options.spawn([], {
      onMessage: (message) => {
        if (this.life === life) this.receive(life, message)
      },
      onLine: (line) => {
        this.keepLine(life, line)
      },
      onExit: (exit) => {
        this.exited(life, exit)
      },
    })
    const life: Life = {
      child,
      oomKillsBefore: this.countOomKills(),
      lastHeardMs: this.clock.now(),
      greeted: false,
      lastWords: [],
      lastError: undefined,
      cannotStart: false,
      ended: Promise.withResolvers<undefined>(),
      ending: false,
    }
    this.life = life
    if (this.options.start !== undefined) child.send(this.options.start)
    this.listenForHeartbeat(life)
  }

  private receive(life: Life, raw: unknown): void {
    life.lastHeardMs = this.clock.now()
    if (this.current.state === 'unresponsive') this.publish(life.greeted ? 'ready' : 'starting', '')
    try {
      this.handle(life, parseMessage(engineMessageSchema, raw, 'engine'))
    } catch (thrown) {
      // A process that does not keep to the protocol cannot be trusted with the next answer either.
      life.lastError = protocolError(toAppError(thrown))
      this.keepLine(life, life.lastError.message)
      life.child.kill()
    }
  }

  private handle(life: Life, message: EngineMessage): void {
    switch (message.type) {
      case 'hello':
        life.greeted = true
        if (!life.ending) {
          this.publish('ready', '')
          this.calls.connect((request) => {
            life.child.send(request)
          })
        }
        break
      case 'startFailed':
        life.lastError = fromWireError(message.error)
        life.cannotStart = true
        break
      case 'reply':
        this.calls.resolve(message.id, message.value)
        break
      case 'failure':
        this.calls.reject(message.id, fromWireError(message.error))
        break
      case 'event':
        this.calls.event(message.id, message.event)
        break
      case 'log':
        this.keepLine(life, message.text)
        break
      case 'heartbeat':
        break
    }
  }

  private exited(life: Life, exit: EngineExit): void {
    if (this.life !== life) return
    this.life = undefined
    this.clearTimers()
    if (life.ending) {
      life.ended.resolve(undefined)
      return
    }
    const error = life.lastError ?? this.explain(life, exit)
    const delayMs = life.cannotStart ? 'give-up' : this.policy.crashed(this.clock.now())
    if (delayMs === 'give-up') {
      this.failure = life.cannotStart
        ? error
        : unavailable('it stopped three times within five minutes', error)
      this.publish('failed', life.cannotStart ? error.message : 'it stopped three times within five minutes')
    } else {
      this.publish('restarting', error.message)
      this.callOffRestart = this.clock.after(delayMs, () => {
        this.launch()
      })
    }
    // Last: a caller that calls again at once has to find the new state.
    this.calls.disconnect(error)
  }

  private explain(life: Life, exit: EngineExit): AppError {
    const before = life.oomKillsBefore
    const after = this.countOomKills()
    return crashError({
      exit,
      lastWords: life.lastWords,
      systemRanOutOfMemory: before !== undefined && after !== undefined && after > before,
      memory: this.options.describeMemory?.() ?? {},
    })
  }

  private listenForHeartbeat(life: Life): void {
    this.callOffHeartbeat = this.clock.after(HEARTBEAT_CHECK_MS, () => {
      const silentMs = this.clock.now() - life.lastHeardMs
      const { state } = this.current
      if (silentMs >= SILENCE_MS && (state === 'ready' || state === 'starting')) {
        this.publish(
          'unresponsive',
          `nothing was heard from it for ${String(Math.floor(silentMs / 1000))} seconds`,
        )
      }
      this.listenForHeartbeat(life)
    })
  }

  private countOomKills(): number | undefined {
    return (this.options.countOomKills ?? oomKillCount)()
  }

  private keepLine(life: Life, line: string): void {
    this.lines.push(line)
    if (this.lines.length > STDERR_LINES) this.lines.shift()
    life.lastWords.push(line)
    if (life.lastWords.length > LAST_WORDS) life.lastWords.shift()
  }

  private publish(state: EngineStatus['state'], reason: string): void {
    this.current = { state, reason }
    for (const listener of this.listeners) listener(this.current)
  }

  private clearTimers(): void {
    this.callOffRestart?.()
    this.callOffHeartbeat?.()
    this.callOffRestart = undefined
    this.callOffHeartbeat = undefined
  }
}
