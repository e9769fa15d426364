import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { handleMedia } from '../../../../../app/host/media/media-handler'
import { bodyStream, type MediaResponse } from '../../../../../app/host/media/media-response'
import { databaseFile } from '../../../../../app/services/folders'
import type { ListedFile } from '../../../../../app/services/library/library-media'
import { listFolder } from '../../../../../app/services/media/list-folder'
import { collect } from '../../../../helpers/collect'
import { FakeAsk } from '../../../../helpers/fake-ask'
import { FakeMedia } from '../../../../helpers/fake-media'
import { hostWorldWith } from '../../../../helpers/host-world'

/** Lists folders as the program does, which knows of names that are not UTF-8. */
class ListingMedia extends FakeMedia {
  override async listFolder(path: string): Promise<ListedFile[]> {
    return [...(await listFolder(path)).files]
  }
}

let world: ReturnType<typeof hostWorldWith<FakeAsk>>
let folder: string
beforeEach(() => {
  const media = new ListingMedia()
  world = hostWorldWith(new FakeAsk(), { media, previewMedia: media })
  folder = join(world.home, 'scans')
  mkdirSync(folder)
})
afterEach(async () => {
  await world.end()
})

/** A picture whose name is one byte that is not UTF-8, and an ending. */
function writePicture(byte: number, content: string): void {
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([byte]), Buffer.from('.png')])
  writeFileSync(path, content)
  utimesSync(path, 1, 1)
}

async function addFolder(): Promise<string> {
  const event = (await collect(world.services.library.add([folder]))).at(-1)
  if (event?.kind !== 'added') throw new Error('the folder was refused')
  return event.item.id
}

function get(path: string, query = ''): Promise<MediaResponse> {
  const request = { method: 'GET', range: null, ifRange: null, ifNoneMatch: null }
  return handleMedia(world.services, { ...request, path, query: new URLSearchParams(query) })
}

// Elsewhere file systems take no such names.
describe.skipIf(process.platform !== 'linux')('pictures whose names are not UTF-8', () => {
  it('are shown under a name that can be, and each as itself', async () => {
    writePicture(0xf6, 'first')
    writePicture(0xff, 'other')
    const id = await addFolder()
    expect(world.services.library.folderEntries(id, 0, 10)).toEqual([
      { index: 0, name: '\ufffd.png', kind: 'image' },
      { index: 1, name: '\ufffd.png', kind: 'image' },
    ])
    expect(await text(bodyStream(await get(`${id}/entry/0/source`)))).toBe('first')
    expect(await text(bodyStream(await get(`${id}/entry/1/source`)))).toBe('other')
  })

  it('have previews of their own, also with the same size and time', async () => {
    writePicture(0xf6, 'first')
    writePicture(0xff, 'other')
    const id = await addFolder()
    const first = await get(`${id}/thumbnail`, 'entry=0')
    const other = await get(`${id}/thumbnail`, 'entry=1')
    expect([first.status, other.status]).toEqual([200, 200])
    expect(first.headers['etag']).not.toBe(other.headers['etag'])
  })

  it('are found again in a folder that an earlier version had listed without their bytes', async () => {
    writePicture(0xf6, 'first')
    const id = await addFolder()
    // As the migration finds and leaves it.
    const raw = new DatabaseSync(databaseFile(world.services.folders))
    raw.exec('UPDATE folder_entries SET raw_name = NULL; UPDATE items SET modified_at = -1')
    raw.close()
    await expect(get(`${id}/entry/0/source`)).rejects.toMatchObject({ code: 'media_not_found' })
    const listed = new Promise<void>((resolve) => {
      world.services.changes.subscribe(() => {
        resolve()
      })
    })
    world.services.library.list()
    await listed
    expect(await text(bodyStream(await get(`${id}/entry/0/source`)))).toBe('first')
  })
})
