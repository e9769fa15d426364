import type { EngineStatus } from '../contract/status'
import type { EngineControl } from '../engine/engine-client-types'
import type { AskUsage } from '../services/ask/ask-types'
import type { AnswerObserver } from '../services/chat/chat-types'
import type { Changes } from '../services/database/changes'
import type { EngineStatusSource } from './services'

/** The part of the engine that is not about asking: the life of its process. */
export type EngineLife = Pick<EngineControl, 'status' | 'onStatus' | 'restart'>

type Loaded = Omit<EngineStatus, 'state'>

const nothingLoaded: Loaded = {
  model: '',
  placement: '',
  contextTokens: 0,
  usedTokens: 0,
  usedFrames: 0,
  memoryBytes: 0,
}

/** Puts together what the status line shows, from the process's state and from what answers report. */
export class EngineStatusTracker implements EngineStatusSource, AnswerObserver {
  readonly #engine: EngineLife
  readonly #changes: Changes
  readonly #unsubscribe: () => void
  #loaded: Loaded = nothingLoaded

  constructor(engine: EngineLife, changes: Changes) {
    this.#engine = engine
    this.#changes = changes
    this.#unsubscribe = engine.onStatus(({ state }) => {
      // A new process has no model in it.
      if (state !== 'ready' && state !== 'unresponsive') this.#loaded = nothingLoaded
      this.#publish()
    })
  }

  current(): EngineStatus {
    return { state: this.#engine.status().state, ...this.#loaded }
  }

  restart(): Promise<void> {
    return this.#engine.restart()
  }

  ready(ready: { model: string; placement: string; contextTokens: number; memoryBytes: number }): void {
    const { model, placement, contextTokens, memoryBytes } = ready
    this.#loaded = { ...this.#loaded, model, placement, contextTokens, memoryBytes }
    this.#publish()
  }

  used(usage: AskUsage): void {
    const usedTokens = usage.promptTokens + usage.answerTokens
    this.#loaded = { ...this.#loaded, usedTokens, usedFrames: usage.frames }
    this.#publish()
  }

  close(): void {
    this.#unsubscribe()
  }

  #publish(): void {
    this.#changes.publish({ kind: 'engine', status: this.current() })
  }
}
