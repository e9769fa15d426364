import type { Settings } from '../../contract/settings'
import type { AskService, AskUsage } from '../ask/ask-types'
import type { Changes } from '../database/changes'
import type { Database } from '../database/database'
import type { ProcessRegistry } from '../database/process-registry'
import type { ItemRow } from '../library/item-row'

/** What is known of the model while it answers; shown in the status line. */
export interface AnswerObserver {
  ready(ready: { model: string; placement: string; contextTokens: number; memoryBytes: number }): void
  used(usage: AskUsage): void
}

export interface ChatServiceParts {
  readonly database: Database
  readonly changes: Changes
  readonly processes: ProcessRegistry
  readonly ask: AskService
  readonly library: {
    /** Throws `gone`. Removed items too. */
    row(id: string): ItemRow
    /** Throws `gone`, also when removed. */
    presentRow(id: string): ItemRow
  }
  readonly settings: { get(): Settings }
  /** Folder of the model that answers. Errors: model_not_found. */
  readonly modelFolder: () => Promise<string>
  readonly observer?: AnswerObserver
  readonly now?: () => number
}
