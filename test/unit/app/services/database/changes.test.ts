import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change } from '../../../../../app/contract/status'
import { Changes } from '../../../../../app/services/database/changes'
import type { Database } from '../../../../../app/services/database/database'
import { openDatabase } from '../../../../../app/services/database/open-database'
import { ProcessRegistry } from '../../../../../app/services/database/process-registry'

let folder: string
let mine: Database
let theirs: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-changes-'))
  mine = openDatabase(join(folder, 'test.sqlite'))
  theirs = openDatabase(join(folder, 'test.sqlite'))
})
afterEach(() => {
  mine.close()
  theirs.close()
  rmSync(folder, { recursive: true, force: true })
})

function listen(changes: Changes): Change[] {
  const told: Change[] = []
  changes.subscribe((change) => told.push(change))
  return told
}

describe('Changes', () => {
  it('tells own changes at once and only once', () => {
    const changes = new Changes(mine)
    const told = listen(changes)
    changes.write(['settings', 'conversation:abc'], () => undefined)
    expect(changes.poll()).toBe(false)
    expect(told).toEqual([{ kind: 'settings' }, { kind: 'conversation', conversationId: 'abc' }])
  })

  it('tells what another process changed, by topic, when it polls', () => {
    const changes = new Changes(mine)
    const told = listen(changes)
    new Changes(theirs).write(['library'], () => undefined)
    expect(told).toEqual([])
    expect(changes.poll()).toBe(true)
    expect(told).toEqual([{ kind: 'library' }])
    expect(changes.poll()).toBe(false)
  })

  it('tells a change of another process also when an own one follows it', () => {
    const changes = new Changes(mine)
    const told = listen(changes)
    new Changes(theirs).write(['library'], () => undefined)
    changes.write(['library'], () => undefined)
    changes.poll()
    expect(told).toEqual([{ kind: 'library' }, { kind: 'library' }])
  })

  it('tells nothing when the write is taken back', () => {
    const changes = new Changes(mine)
    const told = listen(changes)
    expect(() =>
      changes.write(['library'], () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(told).toEqual([])
  })
})

describe('ProcessRegistry', () => {
  it('forgets processes that are gone and keeps those that live', () => {
    const alive = new ProcessRegistry(theirs)
    // Process ids end below 2^22 on Linux.
    theirs.run("INSERT INTO processes VALUES ('dead', 99999999, '', 0)")
    theirs.run(`INSERT INTO processes VALUES ('namesake', ${process.pid}, 'another start', 0)`)
    new ProcessRegistry(mine).forgetDead()
    expect(theirs.run('UPDATE processes SET heartbeat_at = 1 WHERE id = ?', alive.id)).toBe(1)
    expect(theirs.run("DELETE FROM processes WHERE id IN ('dead', 'namesake')")).toBe(0)
  })
})
