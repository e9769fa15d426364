import { type DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { z } from 'zod'
import { retryWhileBusy, translateSqliteError } from './sqlite-errors'

export type SqlValue = SQLInputValue

/**
 * A connection with prepared statements, rows parsed by zod and transactions that wait for other processes.
 * Owns the handle. Everything is synchronous and blocks for a few milliseconds at most.
 */
export class Database {
  readonly file: string
  readonly #handle: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #depth = 0

  constructor(file: string, handle: DatabaseSync) {
    this.file = file
    this.#handle = handle
  }

  /** Runs a statement that returns no rows; the number of rows it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).changes))
  }

  /** The first row, or undefined. */
  get<T>(row: z.ZodType<T>, sql: string, ...values: SqlValue[]): T | undefined {
    const found = this.#guard(() => this.#prepare(sql).get(...values))
    return found === undefined ? undefined : row.parse(found)
  }

  all<T>(row: z.ZodType<T>, sql: string, ...values: SqlValue[]): T[] {
    return this.#guard(() => this.#prepare(sql).all(...values)).map((found) => row.parse(found))
  }

  /**
   * Runs `work` in one transaction, which is on disk when this returns. Takes the write lock at once: a transaction
   * that begins by reading could not be retried when another process writes in between. Nested calls join the outer.
   */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work()
    this.#guard(() => {
      retryWhileBusy(() => {
        this.#handle.exec('BEGIN IMMEDIATE')
      })
    })
    this.#depth = 1
    try {
      const result = work()
      this.#guard(() => {
        retryWhileBusy(() => {
          this.#handle.exec('COMMIT')
        })
      })
      return result
    } catch (error) {
      // A full disk ends the transaction by itself; rolling back again would hide the reason.
      if (this.#handle.isTransaction) this.#handle.exec('ROLLBACK')
      throw error
    } finally {
      this.#depth = 0
    }
  }

  get isOpen(): boolean {
    return this.#handle.isOpen
  }

  /** The last connection to close folds the write-ahead log into the file. Idempotent. */
  close(): void {
    this.#statements.clear()
    if (this.#handle.isOpen) this.#handle.close()
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#handle.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw translateSqliteError(error, this.file)
    }
  }
}
