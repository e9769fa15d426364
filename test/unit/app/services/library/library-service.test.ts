import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AddEvent, LibraryItem } from '../../../../../app/contract/library'
import { locateMedia } from '../../../../../app/services/library/locate-media'
import { hostWorld, hostWorldWith } from '../../../../helpers/host-world'
import { collect } from '../../../../helpers/collect'
import { FakeAsk } from '../../../../helpers/fake-ask'

let world: ReturnType<typeof hostWorld>
beforeEach(() => {
  world = hostWorld()
})
afterEach(async () => {
  await world.end()
})

async function add(...paths: string[]): Promise<AddEvent[]> {
  return await collect(world.services.library.add(paths))
}

async function addOne(path: string): Promise<LibraryItem> {
  const added = (await add(path)).find((event) => event.kind === 'added')
  if (added === undefined) throw new Error(`${path} was refused`)
  return added.item
}

/** Waits until the background look at the files told of something. */
async function nextLibraryChange(): Promise<void> {
  await new Promise<void>((resolve) => {
    const unsubscribe = world.services.changes.subscribe(({ kind }) => {
      if (kind !== 'library') return
      unsubscribe()
      resolve()
    })
  })
}

describe('adding', () => {
  it('counts first, adds what can be read, and says why the rest was refused', async () => {
    const events = await add(
      world.file('a.mp4'),
      world.file('broken.mp4'),
      world.file('b.png'),
      world.file('c.txt'),
      join(world.home, 'none.png'),
    )
    expect(
      events.map((event) =>
        event.kind === 'counted'
          ? event.files
          : event.kind === 'added'
            ? event.item.name
            : event.failure.code,
      ),
    ).toEqual([3, 'a.mp4', 'media_damaged', 'b.png', 'media_unsupported', 'media_not_found'])
    expect(world.services.library.list().map(({ name }) => name)).toEqual(['b.png', 'a.mp4'])
  })

  it('knows a file again by its real path, and brings it back with its id', async () => {
    const first = await addOne(world.file('a.mp4'))
    symlinkSync(join(world.home, 'a.mp4'), join(world.home, 'link.mp4'))
    expect((await addOne(join(world.home, 'link.mp4'))).id).toBe(first.id)
    world.services.library.remove(first.id)
    expect(world.services.library.list()).toEqual([])
    expect((await addOne(join(world.home, 'a.mp4'))).id).toBe(first.id)
    expect(world.services.library.list()).toHaveLength(1)
  })

  it('takes a folder as one item with its files in order, and pages through them', async () => {
    const folder = join(world.home, 'scans')
    mkdirSync(join(folder, 'sub'), { recursive: true })
    for (let index = 0; index < 120; index += 1)
      writeFileSync(join(folder, `${String(index).padStart(3, '0')}.png`), 'x')
    writeFileSync(join(folder, 'sub', 'film.mp4'), 'x')
    const item = await addOne(folder)
    expect(item).toMatchObject({ kind: 'folder', entries: 121 })
    expect(world.services.library.folderEntries(item.id, 119, 10)).toEqual([
      { index: 119, name: '119.png', kind: 'image' },
      { index: 120, name: join('sub', 'film.mp4'), kind: 'video' },
    ])
    expect(await world.services.library.count([folder, world.file('x.png')])).toEqual({
      images: 121,
      videos: 1,
      folders: 1,
    })
  })

  it('refuses a folder without pictures', async () => {
    mkdirSync(join(world.home, 'empty'))
    expect((await add(join(world.home, 'empty'))).at(-1)).toMatchObject({ failure: { code: 'folder_empty' } })
  })

  it('refuses a folder that may not be read, and takes what came with it', async () => {
    mkdirSync(join(world.home, 'locked'))
    const paths = [join(world.home, 'locked'), world.file('a.mp4')]
    expect(await world.services.library.count(paths)).toEqual({ images: 0, videos: 1, folders: 1 })
    expect(await add(...paths)).toMatchObject([
      { kind: 'counted', files: 1 },
      { kind: 'refused', path: paths[0], failure: { code: 'media_unreadable' } },
      { kind: 'added', item: { name: 'a.mp4' } },
    ])
  })

  it('stops when cancelled and keeps what it had told', async () => {
    const controller = new AbortController()
    const paths = Array.from({ length: 12 }, (_, index) => world.file(`${index}.png`))
    const added: string[] = []
    await expect(async () => {
      for await (const event of world.services.library.add(paths, controller.signal)) {
        if (event.kind === 'added') added.push(event.item.name)
        if (added.length === 4) controller.abort()
      }
    }).rejects.toMatchObject({ name: 'AbortError' })
    expect(added).toEqual(['0.png', '1.png', '2.png', '3.png'])
    expect(world.services.library.list()).toHaveLength(4)
  })

  it('survives closing and opening', async () => {
    const item = await addOne(world.file('a.mp4'))
    await world.services.close()
    const again = hostWorldWith(new FakeAsk(), { folders: world.services.folders })
    expect(again.services.library.list()).toEqual([item])
    await again.end()
  })
})

describe('removing', () => {
  it('can be undone, and is refused the second time', async () => {
    const item = await addOne(world.file('a.mp4'))
    world.services.library.remove(item.id)
    expect(() => {
      world.services.library.remove(item.id)
    }).toThrow(expect.objectContaining({ code: 'gone' }))
    expect(world.services.library.restore(item.id)).toEqual(item)
  })
})

describe('files that change', () => {
  it('become a problem when they go missing and are well again when they come back', async () => {
    const path = world.file('a.mp4')
    const item = await addOne(path)
    rmSync(path)
    const missing = nextLibraryChange()
    world.services.library.list()
    await missing
    expect(world.services.library.presentRow(item.id).problem).toMatchObject({ code: 'media_not_found' })
  })

  it('are probed again when they were written to', async () => {
    const path = world.file('a.mp4')
    const item = await addOne(path)
    writeFileSync(path, 'longer than before')
    utimesSync(path, 1, 1)
    const changed = nextLibraryChange()
    world.services.library.list()
    await changed
    expect(world.media.probes).toBe(2)
    expect(world.services.library.presentRow(item.id)).toMatchObject({ size_bytes: 18, problem: null })
  })
})

describe('the samples', () => {
  const film = {
    kind: 'film',
    title: 'A scene',
    about: 'Short.',
    media: 'scene.mp4',
    questions: ['What moves?'],
  }

  function bundle(...samples: unknown[]): void {
    mkdirSync(join(world.home, 'sample'))
    world.file('sample/sample.json', JSON.stringify({ samples }))
  }

  it('are listed in their order, with their icons where these can be read', async () => {
    const set = { ...film, kind: 'set', title: 'Some', media: 'some', icon: 'some.webp' }
    bundle({ ...film, icon: 'missing.webp' }, set)
    world.file('sample/some.webp', 'pixels')
    expect(await world.services.library.samples()).toEqual([
      { kind: 'film', title: 'A scene', about: 'Short.', icon: null },
      { kind: 'set', title: 'Some', about: 'Short.', icon: 'data:image/webp;base64,cGl4ZWxz' },
    ])
  })

  it('are added with their questions, a set of pictures as a folder', async () => {
    bundle(film, { ...film, kind: 'set', media: 'some', questions: ['Which picture shows a dog?'] })
    world.file('sample/scene.mp4')
    mkdirSync(join(world.home, 'sample', 'some'))
    world.file('sample/some/1.png')
    world.file('sample/some/2.png')
    expect(await world.services.library.addSample('film')).toMatchObject({
      kind: 'video',
      sample: true,
      suggestedQuestions: ['What moves?'],
    })
    expect(await world.services.library.addSample('set')).toMatchObject({
      kind: 'folder',
      name: 'some',
      entries: 2,
      sample: true,
      suggestedQuestions: ['Which picture shows a dog?'],
    })
  })

  it('are none where none are bundled, and a kind that is not there is missing', async () => {
    expect(await world.services.library.samples()).toEqual([])
    await expect(world.services.library.addSample('film')).rejects.toMatchObject({ code: 'media_not_found' })
    bundle(film)
    await expect(world.services.library.addSample('set')).rejects.toMatchObject({ code: 'media_not_found' })
  })

  it.each([
    ['leads out of its folder', [{ ...film, media: '../secret.mp4' }]],
    ['names the folder above', [{ ...film, media: '..' }]],
    ['has two of a kind', [film, film]],
    ['has no questions', [{ ...film, questions: [] }]],
    ['says more than we know', [{ ...film, price: 3 }]],
    ['is empty', []],
  ])('are refused when the file that describes them %s', async (_, samples) => {
    bundle(...samples)
    world.file('secret.mp4')
    await expect(world.services.library.addSample('film')).rejects.toMatchObject({ code: 'media_damaged' })
    await expect(world.services.library.samples()).rejects.toMatchObject({ code: 'media_damaged' })
  })
})

describe('planned frames', () => {
  it('follow the model, then the settings, and are none for pictures', async () => {
    const { library, settings } = world.services
    const video = await addOne(world.file('a.mp4'))
    expect(await library.plannedFrames(video.id, null)).toEqual([0, 2, 4, 6])
    settings.set({ intervalSeconds: 5, maxFrames: 100 })
    expect(await library.plannedFrames(video.id, { start: 0, end: 10 })).toEqual([0, 5])
    expect(await library.plannedFrames((await addOne(world.file('b.png'))).id, null)).toEqual([])
  })
})

describe('locateMedia', () => {
  it('gives real paths of items and entries', async () => {
    const video = await addOne(world.file('a.mp4'))
    expect(await locateMedia(world.services.library, video.id, null)).toBe(join(world.home, 'a.mp4'))
  })

  it('refuses a file that became a link to another', async () => {
    const path = world.file('a.mp4')
    const video = await addOne(path)
    world.file('secret.txt')
    rmSync(path)
    symlinkSync(join(world.home, 'secret.txt'), path)
    await expect(locateMedia(world.services.library, video.id, null)).rejects.toMatchObject({
      code: 'media_not_found',
    })
  })

  it('refuses an entry that leads out of its folder', async () => {
    mkdirSync(join(world.home, 'scans'))
    const entry = world.file('scans/a.png')
    const folder = await addOne(join(world.home, 'scans'))
    expect(await locateMedia(world.services.library, folder.id, 0)).toBe(entry)
    world.file('secret.txt')
    rmSync(entry)
    symlinkSync(join(world.home, 'secret.txt'), entry)
    await expect(locateMedia(world.services.library, folder.id, 0)).rejects.toMatchObject({
      code: 'media_not_found',
    })
    await expect(locateMedia(world.services.library, folder.id, 7)).rejects.toMatchObject({ code: 'gone' })
    await expect(locateMedia(world.services.library, folder.id, null)).rejects.toMatchObject({ code: 'gone' })
  })

  it('refuses what was removed', async () => {
    const video = await addOne(world.file('a.mp4'))
    world.services.library.remove(video.id)
    await expect(locateMedia(world.services.library, video.id, null)).rejects.toMatchObject({ code: 'gone' })
  })
})
