import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { AppError } from '../../contract/errors'
import { Database } from './database'
import { migrations } from './migrations'
import { retryWhileBusy, translateSqliteError } from './sqlite-errors'

/** Longest wait for another process's transaction inside SQLite itself. */
const BUSY_TIMEOUT_MS = 5000

const versionRow = z.object({ user_version: z.number().int() })
const checkRow = z.object({ integrity_check: z.string() })

/**
 * Opens the database, creating or migrating it.
 *
 * `synchronous = FULL`: what was acknowledged survives a power cut, not only a killed process; an answer costs four
 * small syncs a second for it. A database with a write-ahead log left behind was not closed properly (or is open
 * elsewhere) and is checked before use.
 *
 * Errors: database_newer, database_damaged, disk_full, internal.
 */
export function openDatabase(file: string): Database {
  try {
    return retryWhileBusy(() => open(file))
  } catch (error) {
    throw translateSqliteError(error, file)
  }
}

function open(file: string): Database {
  const wasLeftOpen = hasContent(`${file}-wal`)
  const handle = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  try {
    // The version is looked at first: a newer program's database is not touched at all.
    refuseNewer(file, readVersion(handle))
    handle.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
    if (wasLeftOpen) checkIntegrity(file, handle)
    migrate(file, handle)
    return new Database(file, handle)
  } catch (error) {
    handle.close()
    throw error
  }
}

function hasContent(file: string): boolean {
  return existsSync(file) && statSync(file).size > 0
}

function readVersion(handle: DatabaseSync): number {
  return versionRow.parse(handle.prepare('PRAGMA user_version').get()).user_version
}

function refuseNewer(file: string, found: number): void {
  const known = migrations.length
  if (found <= known) return
  throw new AppError('database_newer', `${file}: expected user_version <= ${known}, got ${found}`, {
    file,
    found,
    known,
  })
}

/** Runs the migrations that are missing, all in one transaction: a crash leaves the old version. */
function migrate(file: string, handle: DatabaseSync): void {
  if (readVersion(handle) === migrations.length) return
  handle.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have migrated, or brought a newer version, while this one waited for the lock.
    const from = readVersion(handle)
    refuseNewer(file, from)
    for (const statements of migrations.slice(from)) handle.exec(statements)
    handle.exec(`PRAGMA user_version = ${migrations.length}`)
    handle.exec('COMMIT')
  } catch (error) {
    if (handle.isTransaction) handle.exec('ROLLBACK')
    throw error
  }
}

function checkIntegrity(file: string, handle: DatabaseSync): void {
  const rows = handle
    .prepare('PRAGMA integrity_check(10)')
    .all()
    .map((row) => checkRow.parse(row).integrity_check)
  if (rows.length === 1 && rows[0] === 'ok') return
  const reason = rows.join('; ')
  throw new AppError('database_damaged', `${file}: ${reason}`, { file, reason })
}
