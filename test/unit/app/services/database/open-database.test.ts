import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { migrations } from '../../../../../app/services/database/migrations'
import { openDatabase } from '../../../../../app/services/database/open-database'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-database-'))
  file = join(folder, 'test.sqlite')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const mode = z.object({ journal_mode: z.string() })
const number = z.object({ n: z.number() })

describe('openDatabase', () => {
  it('creates the newest version with a write-ahead log, full syncs and foreign keys', () => {
    const database = openDatabase(file)
    expect(database.get(mode, 'PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
    expect(database.get(z.object({ synchronous: z.number() }), 'PRAGMA synchronous')).toEqual({
      synchronous: 2,
    })
    expect(database.get(z.object({ user_version: z.number() }), 'PRAGMA user_version')).toEqual({
      user_version: 2,
    })
    expect(() =>
      database.run(
        "INSERT INTO turn_media (turn_id, position, item_id, tiles) VALUES ('none', 0, 'none', 0)",
      ),
    ).toThrow(/FOREIGN KEY/)
    database.close()
  })

  it('refuses a database newer than the program and leaves it as it is', () => {
    const raw = new DatabaseSync(file)
    raw.exec(`CREATE TABLE future (x); PRAGMA user_version = ${migrations.length + 1}`)
    raw.close()
    expect(() => openDatabase(file)).toThrow(
      expect.objectContaining({ code: 'database_newer', details: { file, found: 3, known: 2 } }),
    )
    const after = new DatabaseSync(file)
    expect(after.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'future' }])
    after.close()
  })

  it('calls a file that is no database damaged', () => {
    writeFileSync(file, 'these are not the pages of a database'.repeat(100))
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'database_damaged' }))
  })

  it('finds damage in a database that was not closed', () => {
    const first = openDatabase(file)
    first.run("INSERT INTO settings (key, value) VALUES ('a', '1')")
    // The index of another table is torn out behind SQLite's back, as a bad disk would.
    const raw = new DatabaseSync(file, { enableForeignKeyConstraints: false })
    raw.enableDefensive(false)
    raw.exec(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'conversations_by_time'",
    )
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'database_damaged' }))
    raw.close()
    first.close()
  })

  it('has folders listed again whose names lost bytes in an earlier version, and no others', () => {
    const raw = new DatabaseSync(file)
    raw.exec(`${migrations[0]}; PRAGMA user_version = 1`)
    for (const [id, name] of Object.entries({ lossy: 'm\ufffdwe.png', sound: 'möwe.png' })) {
      raw
        .prepare(
          "INSERT INTO items VALUES (?, 'folder', '', '', ?, 0, 0, 7, 0, 0, 0, 0, 0, 1, 1, 0, 0, '[]', NULL, NULL)",
        )
        .run(id, id)
      raw.prepare("INSERT INTO folder_entries VALUES (?, 0, ?, 'image')").run(id, name)
    }
    raw.close()
    const database = openDatabase(file)
    const row = z.object({ id: z.string(), modified_at: z.number(), name: z.string(), raw_name: z.null() })
    const columns = 'id, modified_at, folder_entries.name, raw_name'
    expect(
      database.all(row, `SELECT ${columns} FROM items JOIN folder_entries ON id = item_id ORDER BY id`),
    ).toEqual([
      { id: 'lossy', modified_at: -1, name: 'm\ufffdwe.png', raw_name: null },
      { id: 'sound', modified_at: 7, name: 'möwe.png', raw_name: null },
    ])
    database.close()
  })

  it('keeps the old version when a migration fails half way', () => {
    const raw = new DatabaseSync(file)
    raw.exec('CREATE TABLE items (other)')
    raw.close()
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'internal' }))
    const after = new DatabaseSync(file)
    expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 0 })
    expect(after.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'turns'").get()).toEqual({
      n: 0,
    })
    after.close()
  })
})

describe('Database', () => {
  it('takes back a transaction that throws', () => {
    const database = openDatabase(file)
    expect(() => {
      database.transaction(() => {
        database.run("INSERT INTO settings (key, value) VALUES ('a', '1')")
        throw new Error('changed my mind')
      })
    }).toThrow('changed my mind')
    expect(database.get(number, 'SELECT count(*) AS n FROM settings')).toEqual({ n: 0 })
    database.close()
  })

  it('lets two connections write in turn and read what the other wrote', () => {
    const one = openDatabase(file)
    const two = openDatabase(file)
    one.transaction(() => one.run("INSERT INTO settings (key, value) VALUES ('a', '1')"))
    two.transaction(() => two.run("INSERT INTO settings (key, value) VALUES ('b', '2')"))
    expect(one.get(number, 'SELECT count(*) AS n FROM settings')).toEqual({ n: 2 })
    one.close()
    two.close()
  })

  it('closes twice without complaint', () => {
    const database = openDatabase(file)
    database.close()
    database.close()
    expect(database.isOpen).toBe(false)
  })
})
