import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databaseFile } from '../../../../app/services/folders'
import { collect } from '../../../helpers/collect'
import { FakeAsk } from '../../../helpers/fake-ask'
import { hostWorldWith } from '../../../helpers/host-world'

const HOUR_MS = 3_600_000

let home: string
let uploads: string
let models: string
let world: ReturnType<typeof start>
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'longlens-tidy-'))
  uploads = join(home, 'data', 'uploads')
  models = join(home, 'models')
  mkdirSync(uploads, { recursive: true })
  mkdirSync(models)
})
afterEach(async () => {
  await world.end()
  rmSync(home, { recursive: true, force: true })
})

function start(data = join(home, 'data')) {
  return hostWorldWith(new FakeAsk(), { folders: { data, cache: join(home, 'cache'), models } })
}

/** Starts once more, and ends when everything that a start does in the background is done. */
async function startAndClose(data?: string): Promise<void> {
  world = start(data)
  await world.services.close()
}

describe('what was sent here', () => {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('x'))
  }

  const send = (sending: string, folder: string, name: string): Promise<string> =>
    world.services.uploads.saveInFolder({ sending, folder }, name, null, bytes())

  async function add(path: string): Promise<string> {
    const event = (await collect(world.services.library.add([path]))).at(-1)
    if (event?.kind !== 'added') throw new Error(`${path} was refused`)
    return event.item.id
  }

  async function addAndRemove(path: string): Promise<void> {
    world.services.library.remove(await add(path))
  }

  /** Closes, lets the time pass after which what was removed cannot come back, and starts again. */
  async function startLater(data?: string): Promise<void> {
    await world.end()
    const raw = new DatabaseSync(databaseFile(world.services.folders))
    raw.exec('UPDATE items SET removed_at = 1 WHERE removed_at IS NOT NULL')
    raw.close()
    await startAndClose(data)
  }

  it('is deleted with the item that it was sent for, a folder whole', async () => {
    world = start()
    await addAndRemove(await world.services.uploads.save('a.mp4', null, bytes()))
    await send('aaaaaaaa', 'scans', '1.png')
    await send('aaaaaaaa', 'scans/old', 'notes.txt')
    await addAndRemove(join(uploads, 'aaaaaaaa', 'scans'))
    await add(await world.services.uploads.save('b.mp4', null, bytes()))
    await startLater()
    expect(readdirSync(uploads)).toEqual(['b.mp4'])
  })

  it('is deleted when the data folder is reached through a link, too', async () => {
    const data = join(home, 'link')
    symlinkSync(join(home, 'data'), data)
    world = start(data)
    await addAndRemove(await world.services.uploads.save('a.mp4', null, bytes()))
    await startLater(data)
    expect(readdirSync(uploads)).toEqual([])
  })

  it('stays while anything else in the library is in its sending', async () => {
    world = start()
    const folder = await send('aaaaaaaa', 'scans', '1.png')
    await addAndRemove(folder)
    world.services.library.remove(await add(join(folder, '1.png')))
    await add(await send('bbbbbbbb', 'scans', '1.png'))
    await world.end()
    const raw = new DatabaseSync(databaseFile(world.services.folders))
    raw.exec("UPDATE items SET removed_at = 1 WHERE kind = 'folder' AND removed_at IS NOT NULL")
    raw.close()
    await startAndClose()
    expect(readdirSync(folder)).toEqual(['1.png'])
    await startLater()
    expect(readdirSync(uploads)).toEqual(['bbbbbbbb'])
  })

  it('is all that is ever deleted: files of the person stay, also where they made the folder a link', async () => {
    const films = join(home, 'films')
    mkdirSync(join(films, 'holidays'), { recursive: true })
    writeFileSync(join(films, 'holidays', 'a.mp4'), 'x')
    writeFileSync(join(films, 'b.mp4'), 'x')
    rmSync(uploads, { recursive: true })
    symlinkSync(films, uploads)
    world = start()
    await addAndRemove(join(films, 'holidays', 'a.mp4'))
    await addAndRemove(join(films, 'b.mp4'))
    await startLater()
    expect(readdirSync(films)).toEqual(['b.mp4', 'holidays'])
    expect(readdirSync(join(films, 'holidays'))).toEqual(['a.mp4'])
  })
})

describe('what was being written when a process died', () => {
  const HEX = '0123456789ab'
  const ID = '0123456789abcdef0123'
  const dead = spawnSync(process.execPath, ['--version']).pid
  const living = process.ppid

  function age(path: string, hours: number): void {
    const time = (Date.now() - hours * HOUR_MS) / 1000
    utimesSync(path, time, time)
  }

  function model(name: string, hours: number): void {
    const folder = join(models, name)
    mkdirSync(folder)
    writeFileSync(join(folder, 'language.gguf'), 'x')
    age(join(folder, 'language.gguf'), hours)
    age(folder, 48)
  }

  function upload(name: string, hours: number): void {
    writeFileSync(join(uploads, name), 'x')
    age(join(uploads, name), hours)
  }

  it('is removed of an import, when its process is gone and it was not written to for an hour', async () => {
    model(`.one.part-${dead}-${HEX}`, 2)
    model(`.mine before.part-${process.pid}-${HEX}`, 2)
    model(`.elsewhere.part-${dead}-${HEX}`, 0)
    model(`.running.part-${living}-${HEX}`, 2)
    model('.hidden', 1000)
    model('whole', 1000)
    await startAndClose()
    expect(readdirSync(models).sort()).toEqual(
      [`.elsewhere.part-${dead}-${HEX}`, '.hidden', `.running.part-${living}-${HEX}`, 'whole'].sort(),
    )
  })

  it('is removed of an import by an earlier version after a day without a write', async () => {
    model(`.old.part-${HEX}`, 25)
    model(`.running.part-${HEX}`, 23)
    await startAndClose()
    expect(readdirSync(models)).toEqual([`.running.part-${HEX}`])
  })

  it('is removed of an upload, also in a folder that was being sent', async () => {
    mkdirSync(join(uploads, 'aaaaaaaa', 'scans'), { recursive: true })
    upload(`.${ID}-${dead}.part`, 2)
    upload(join('aaaaaaaa', 'scans', `.${ID}-${dead}.part`), 2)
    upload(`.${ID}.part`, 25)
    upload(`.${ID}-${living}.part`, 2)
    upload('film.part', 1000)
    await startAndClose()
    expect(readdirSync(uploads).sort()).toEqual([`.${ID}-${living}.part`, 'aaaaaaaa', 'film.part'])
    expect(existsSync(join(uploads, 'aaaaaaaa', 'scans', `.${ID}-${dead}.part`))).toBe(false)
  })
})
