import { z } from 'zod'
import type { Change } from '../../contract/status'
import type { Database } from './database'

/** What a change in the database is about; `conversation:<id>` is one conversation. */
export type Topic = 'library' | 'conversations' | 'models' | 'settings' | `conversation:${string}`

const dataVersionRow = z.object({ data_version: z.number() })
const revisionRow = z.object({ topic: z.string(), revision: z.number() })

/**
 * Tells listeners what changed, whoever changed it. Own changes are told at once; those of other processes are
 * noticed by `poll`, which asks SQLite whether anybody else wrote (`PRAGMA data_version`) and compares the counters
 * of `revisions`.
 */
export class Changes {
  readonly #database: Database
  readonly #listeners = new Set<(change: Change) => void>()
  readonly #seen = new Map<string, number>()
  #dataVersion: number

  constructor(database: Database) {
    this.#database = database
    this.#dataVersion = this.#readDataVersion()
    for (const row of this.#revisions()) this.#seen.set(row.topic, row.revision)
  }

  /** Runs `work` in a transaction that counts the topics up, then tells the listeners. */
  write<T>(topics: readonly Topic[], work: () => T): T {
    const result = this.#database.transaction(() => {
      const value = work()
      for (const topic of topics) this.#countUp(topic)
      return value
    })
    for (const topic of topics) this.publish(toChange(topic))
    return result
  }

  /** Tells listeners without touching the database. */
  publish(change: Change): void {
    for (const listener of this.#listeners) listener(change)
  }

  /** Listens until the returned function is called. */
  subscribe(listener: (change: Change) => void): () => void {
    // A new function for each call, so that subscribing the same one twice is two subscriptions.
    const own = (change: Change): void => {
      listener(change)
    }
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /** Looks for writes of other processes; true when there were any. */
  poll(): boolean {
    const dataVersion = this.#readDataVersion()
    if (dataVersion === this.#dataVersion) return false
    this.#dataVersion = dataVersion
    for (const { topic, revision } of this.#revisions()) {
      if (this.#seen.get(topic) === revision) continue
      this.#seen.set(topic, revision)
      this.publish(toChange(topic as Topic))
    }
    return true
  }

  #countUp(topic: Topic): void {
    const row = this.#database.get(
      revisionRow,
      `INSERT INTO revisions (topic, revision) VALUES (?, 1)
       ON CONFLICT (topic) DO UPDATE SET revision = revision + 1 RETURNING topic, revision`,
      topic,
    )
    // Another process may have counted up in between; then poll tells of it, at worst once too often.
    if (row !== undefined && row.revision === (this.#seen.get(topic) ?? 0) + 1)
      this.#seen.set(topic, row.revision)
  }

  #revisions(): z.infer<typeof revisionRow>[] {
    return this.#database.all(revisionRow, 'SELECT topic, revision FROM revisions')
  }

  #readDataVersion(): number {
    return this.#database.get(dataVersionRow, 'PRAGMA data_version')?.data_version ?? 0
  }
}

function toChange(topic: Topic): Change {
  if (topic.startsWith('conversation:')) {
    return { kind: 'conversation', conversationId: topic.slice('conversation:'.length) }
  }
  return { kind: topic as 'library' | 'conversations' | 'models' | 'settings' }
}
