import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Changes } from '../../../../../app/services/database/changes'
import type { Database } from '../../../../../app/services/database/database'
import { openDatabase } from '../../../../../app/services/database/open-database'
import { LibraryService } from '../../../../../app/services/library/library-service'
import { collect } from '../../../../helpers/collect'
import { FakeMedia } from '../../../../helpers/fake-media'

/** Longer than the pause between two looks at the files. */
const NEXT_LOOK_MS = 10_000

let folder: string
let database: Database
let library: LibraryService
let now: number
/** Writes to the library. */
let told: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-check-'))
  database = openDatabase(join(folder, 'test.sqlite'))
  const changes = new Changes(database)
  now = 0
  told = 0
  changes.subscribe(() => (told += 1))
  library = new LibraryService({
    database,
    changes,
    media: new FakeMedia(),
    sampleFolder: null,
    sampling: () => Promise.resolve({ intervalSeconds: 1, maxFrames: 1 }),
    now: () => now,
  })
})
afterEach(async () => {
  await library.close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A file that went missing after it was added. */
async function addMissing(): Promise<string> {
  const path = join(folder, 'a.mp4')
  writeFileSync(path, 'x')
  const event = (await collect(library.add([path]))).at(-1)
  if (event?.kind !== 'added') throw new Error(`${path} was refused`)
  rmSync(path)
  return event.item.id
}

/** Long enough for a look at one file, on a machine that has time for it. */
async function lookAgain(): Promise<void> {
  now += NEXT_LOOK_MS
  library.list()
  await new Promise((resolve) => setTimeout(resolve, 50))
}

async function lookUntilMissing(id: string): Promise<void> {
  while (library.row(id).problem?.code !== 'media_not_found') await lookAgain()
}

describe('the look at the files in the background', () => {
  it('writes and tells of a problem once', async () => {
    const id = await addMissing()
    await lookUntilMissing(id)
    const toldOnce = told
    await lookAgain()
    await lookAgain()
    expect(told).toBe(toldOnce)
  })

  it('does not end the program when what it found cannot be saved, and saves it the next time', async () => {
    const id = await addMissing()
    const unhandled: unknown[] = []
    const listen = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listen)
    database.run('PRAGMA query_only = 1')
    await lookAgain()
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
    expect(library.row(id).problem).toBe(null)
    database.run('PRAGMA query_only = 0')
    await lookUntilMissing(id)
  })
})
