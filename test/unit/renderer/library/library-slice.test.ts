import { expect, it, vi } from 'vitest'
import { AppError } from '../../../../app/contract/errors'
import { conversation, item, turn } from '../fixtures'
import { testStore } from '../test-store'

it('opens the first of several added together, and asks about all of them', async () => {
  const { store, client } = testStore({ conversation: conversation() })
  const adding = store.getState().addPaths(['/a.mp4', '/b.mp4'])
  client.adding.push(
    { kind: 'counted', files: 2 },
    { kind: 'added', item: item({ id: 'filmaaaa' }) },
    { kind: 'added', item: item({ id: 'filmbbbb' }) },
  )
  await vi.waitFor(() => {
    expect(store.getState().adding).toMatchObject({ paths: 2, added: 2 })
  })
  client.adding.end()
  await adding

  expect(store.getState().openItemId).toBe('filmaaaa')
  expect(store.getState().draft.media.map(({ itemId }) => itemId)).toEqual(['filmaaaa', 'filmbbbb'])
  expect(store.getState().adding).toBeNull()
})

it('says which files were left out, and why', async () => {
  const { store, client } = testStore()
  const failure = { code: 'media_empty', title: '', body: '', remedy: '', details: {} } as const
  client.adding.push({ kind: 'refused', path: '/a.mp4', failure })
  client.adding.end()
  await store.getState().addPaths(['/a.mp4'])
  expect(store.getState().refused).toEqual([{ path: '/a.mp4', failure }])
  expect(store.getState().draft.media).toEqual([])
})

it('stopping is no failure', async () => {
  const { store, client } = testStore()
  client.adding.end(new AppError('cancelled', 'stopped'))
  await store.getState().addPaths(['/a.mp4'])
  expect(store.getState().libraryFailure).toBeNull()
})

it('removing what is open opens the next, and can be undone', async () => {
  const items = [item({ id: 'filmaaaa' }), item({ id: 'filmbbbb' })]
  const { store } = testStore({ items, openItemId: 'filmaaaa' })
  await store.getState().removeItem('filmaaaa')
  expect(store.getState().openItemId).toBe('filmbbbb')
  await store.getState().undoRemoveItem()
  expect(store.getState().openItemId).toBe('filmaaaa')
  expect(store.getState().removedItem).toBeNull()
})

const film = { kind: 'film', title: 'A scene', about: 'Short.', icon: null } as const

it('asks for the samples as long as nothing but samples is in the library', async () => {
  const { store, client } = testStore()
  client.library.samples.mockResolvedValue([film])
  client.library.list.mockResolvedValue([item()])
  await store.getState().loadLibrary()
  expect(client.library.samples).not.toHaveBeenCalled()

  client.library.list.mockResolvedValue([])
  await store.getState().loadLibrary()
  await store.getState().loadLibrary()
  expect(store.getState().samples).toEqual([film])
  expect(client.library.samples).toHaveBeenCalledTimes(1)
})

it('opens a sample with an empty conversation: only there are its questions offered', async () => {
  const { store, client } = testStore({ conversation: conversation({ items: [] }), items: [] })
  await store.getState().addSample('film')
  expect(store.getState().openItemId).toBe('filmsample')
  expect(client.chat.create).not.toHaveBeenCalled()

  store.setState({ conversation: conversation({ items: [turn()] }) })
  await store.getState().addSample('set')
  expect(client.library.addSample).toHaveBeenLastCalledWith({ kind: 'set' })
  expect(client.chat.create).toHaveBeenCalledTimes(1)
  expect(store.getState().openItemId).toBe('setsample')
  expect(store.getState().conversation?.items).toEqual([])
})
