import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../../../../app/services/database/database'
import { openDatabase } from '../../../../../app/services/database/open-database'
import { ProcessRegistry } from '../../../../../app/services/database/process-registry'

let folder: string
let database: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-registry-'))
  database = openDatabase(join(folder, 'test.sqlite'))
})
afterEach(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

const row = z.object({ id: z.string(), pid: z.number(), started: z.string(), heartbeat_at: z.number() })
const rows = () => database.all(row, 'SELECT * FROM processes')

describe('ProcessRegistry', () => {
  it('says again with each heartbeat that its process lives', () => {
    let now = 1000
    const registry = new ProcessRegistry(database, () => now)
    now = 6000
    registry.heartbeat()
    expect(rows()).toMatchObject([{ id: registry.id, pid: process.pid, heartbeat_at: 6000 }])
    registry.leave()
    expect(rows()).toEqual([])
  })

  it('comes back as it was after another process took it for gone', () => {
    const registry = new ProcessRegistry(database, () => 1000)
    const before = rows()
    database.run('DELETE FROM processes')
    registry.heartbeat()
    expect(rows()).toEqual(before)
  })

  it('forgets a process that is gone and keeps itself', () => {
    const registry = new ProcessRegistry(database)
    database.run("INSERT INTO processes VALUES ('gone', 4194999, '', 0)")
    registry.forgetDead()
    expect(rows()).toMatchObject([{ id: registry.id }])
  })
})
