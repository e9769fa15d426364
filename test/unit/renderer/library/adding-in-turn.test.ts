import { expect, it, vi } from 'vitest'
import { AppError } from '../../../../app/contract/errors'
import type { AddEvent } from '../../../../app/contract/library'
import { item } from '../fixtures'
import { Feed, settle, testStore } from '../test-store'
import { fakeUploads } from './fake-uploads'

function file(name: string) {
  return { file: new File(['x'], name), folder: null }
}

/** A store whose every `add` is fed by the test: `adds` in the order in which they begin. */
function storeWithFeeds() {
  const { store, client } = testStore()
  const adds: {
    readonly paths: readonly string[]
    readonly signal: AbortSignal
    readonly feed: Feed<AddEvent>
  }[] = []
  client.library.add.mockImplementation((...[input, options]: unknown[]) => {
    const { paths } = input as { paths: string[] }
    const { signal } = options as { signal: AbortSignal }
    const feed = new Feed<AddEvent>()
    signal.addEventListener('abort', () => {
      feed.end(new AppError('cancelled', 'stopped'))
    })
    adds.push({ paths, signal, feed })
    return Promise.resolve(feed)
  })
  return { store, client, adds, uploads: fakeUploads() }
}

function ids(store: ReturnType<typeof testStore>['store']): string[] {
  return store.getState().items.map(({ id }) => id)
}

it('adds what comes while something is being added, after it', async () => {
  const { store, adds } = storeWithFeeds()
  const first = store.getState().addPaths(['/a.mp4'])
  const second = store.getState().addPaths(['/b.mp4', '/c.mp4'])
  await settle()
  expect(adds.map(({ paths }) => paths)).toEqual([['/a.mp4']])
  expect(store.getState()).toMatchObject({ adding: { paths: 1 }, waitingPaths: 2 })

  adds[0]?.feed.push({ kind: 'added', item: item({ id: 'filmaaaa' }) })
  adds[0]?.feed.end()
  await first
  await settle()
  expect(store.getState()).toMatchObject({ adding: { paths: 2 }, waitingPaths: 0 })
  adds[1]?.feed.push({ kind: 'added', item: item({ id: 'filmbbbb' }) })
  adds[1]?.feed.end()
  await second
  expect(ids(store)).toEqual(['filmbbbb', 'filmaaaa'])
  expect(store.getState().adding).toBeNull()
})

it('sends what comes while something is being sent, after it', async () => {
  const { store, adds, uploads } = storeWithFeeds()
  void store.getState().uploadFiles([file('large.mp4')])
  void store.getState().uploadFiles([file('small.png')])
  await settle()
  expect(uploads).toHaveLength(1)
  expect(store.getState()).toMatchObject({ uploading: { files: 1 }, waitingFiles: 1 })

  uploads[0]?.arrive('/sent/large.mp4')
  await settle()
  uploads[1]?.arrive('/sent/small.png')
  await settle()
  adds[0]?.feed.end()
  await settle()
  expect(adds.map(({ paths }) => paths)).toEqual([['/sent/large.mp4'], ['/sent/small.png']])
})

it('adds what was sent also when something else is being added by then', async () => {
  const { store, adds, uploads } = storeWithFeeds()
  const sending = store.getState().uploadFiles([file('film.mp4')])
  void store.getState().addPaths(['/large-folder'])
  await settle()
  uploads[0]?.arrive('/sent/film.mp4')
  await settle()
  adds[0]?.feed.end()
  await settle()
  adds[1]?.feed.push({ kind: 'added', item: item({ id: 'filmsent' }) })
  adds[1]?.feed.end()
  await sending
  expect(adds[1]?.paths).toEqual(['/sent/film.mp4'])
  expect(ids(store)).toEqual(['filmsent'])
})

it('stops sending and adding each by itself, and goes on with what waits', async () => {
  const { store, adds, uploads } = storeWithFeeds()
  void store.getState().uploadFiles([file('a.mp4')])
  void store.getState().uploadFiles([file('b.mp4')])
  void store.getState().addPaths(['/c.mp4'])
  await settle()

  store.getState().cancelUpload()
  await settle()
  expect(uploads.map(({ isAborted }) => isAborted)).toEqual([true, false])
  expect(adds[0]?.signal.aborted).toBe(false)

  store.getState().cancelAdding()
  await settle()
  expect(adds[0]?.signal.aborted).toBe(true)
  expect(uploads[1]?.isAborted).toBe(false)
  expect(store.getState()).toMatchObject({ adding: null, uploading: { files: 1 }, libraryFailure: null })
})

it('keeps what was refused while more is being added, until it is tried again', async () => {
  const { store, adds } = storeWithFeeds()
  const failure = { code: 'media_empty', title: '', body: '', remedy: '', details: {} } as const
  void store.getState().addPaths(['/a.mp4', '/b.mp4'])
  await vi.waitFor(() => {
    expect(adds).toHaveLength(1)
  })
  adds[0]?.feed.push({ kind: 'refused', path: '/a.mp4', failure })
  await settle()
  void store.getState().addPaths(['/c.mp4'])
  adds[0]?.feed.end()
  await settle()
  expect(store.getState().refused).toEqual([{ path: '/a.mp4', failure }])

  void store.getState().addPaths(['/a.mp4'])
  expect(store.getState().refused).toEqual([])
})

it('a file that could not be sent is told until it is tried again, whatever else is added and read', async () => {
  const { store, client, adds, uploads } = storeWithFeeds()
  const sending = store.getState().uploadFiles([file('large.mp4'), file('small.png')])
  await settle()
  uploads[0]?.refuse('upload_too_large', { file: 'large.mp4', limit: '1 GB' })
  uploads[1]?.arrive('/sent/small.png')
  await settle()
  adds[0]?.feed.end()
  await sending
  client.library.list.mockResolvedValue([item()])
  await store.getState().loadLibrary()
  expect(store.getState().libraryFailure).toMatchObject({ code: 'upload_too_large' })

  void store.getState().retryLibrary()
  await settle()
  expect(uploads).toHaveLength(3)
  expect(store.getState()).toMatchObject({ libraryFailure: null, uploading: { files: 1 } })
})

it('a library that could not be read is no news once it was', async () => {
  const { store, client } = testStore()
  client.library.list.mockRejectedValueOnce(new AppError('internal', 'busy', { reason: 'busy' }))
  await store.getState().loadLibrary()
  expect(store.getState().libraryFailure).toMatchObject({ code: 'internal' })
  await store.getState().loadLibrary()
  expect(store.getState().libraryFailure).toBeNull()
})
