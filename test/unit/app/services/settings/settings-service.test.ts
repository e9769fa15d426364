import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Changes } from '../../../../../app/services/database/changes'
import type { Database } from '../../../../../app/services/database/database'
import { openDatabase } from '../../../../../app/services/database/open-database'
import { createFolders, databaseFile, resolveFolders } from '../../../../../app/services/folders'
import { SettingsService } from '../../../../../app/services/settings/settings-service'

let home: string
let database: Database
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'longlens-settings-'))
  database = openDatabase(join(home, 'test.sqlite'))
})
afterEach(() => {
  database.close()
  rmSync(home, { recursive: true, force: true })
})

describe('SettingsService', () => {
  it('starts with defaults and keeps what is set across openings', () => {
    const first = new SettingsService(database, new Changes(database))
    expect(first.get()).toMatchObject({ maxFrames: null, theme: 'system' })
    first.set({ maxFrames: 64, theme: 'dark' })
    database.close()
    database = openDatabase(join(home, 'test.sqlite'))
    const second = new SettingsService(database, new Changes(database))
    expect(second.set({ maxFrames: null })).toMatchObject({ maxFrames: null, theme: 'dark' })
  })

  it('passes over rows that a later version wrote', () => {
    database.run(
      `INSERT INTO settings (key, value) VALUES ('theme', '"purple"'), ('speed', '3'), ('threads', 'oops')`,
    )
    expect(new SettingsService(database, new Changes(database)).get()).toMatchObject({
      theme: 'system',
      threads: null,
    })
  })

  it('remembers the chosen model', () => {
    const settings = new SettingsService(database, new Changes(database))
    expect(settings.chosenModel()).toBeNull()
    settings.chooseModel('/models/a')
    expect(settings.chosenModel()).toBe('/models/a')
  })
})

describe('folders', () => {
  it('lie below LONGLENS_HOME when it is set', () => {
    const folders = resolveFolders({ LONGLENS_HOME: home })
    expect(folders).toEqual({
      data: join(home, 'data'),
      cache: join(home, 'cache'),
      models: join(home, 'models'),
    })
    expect(databaseFile(createFolders(folders))).toBe(join(home, 'data', 'longlens.sqlite'))
  })

  it('are in the platform places otherwise', () => {
    expect(resolveFolders({}).data).toMatch(/longlens/i)
  })
})
