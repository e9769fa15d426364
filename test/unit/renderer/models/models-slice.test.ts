import { expect, it } from 'vitest'
import { AppError } from '../../../../app/contract/errors'
import type { ModelCard } from '../../../../app/contract/models'
import { settle, testStore } from '../test-store'

it('opens the dialog on the card of a model, and leads from there to all models', async () => {
  const { store } = testStore()
  const opening = store.getState().openCard('/models/a')
  expect(store.getState()).toMatchObject({
    isModelsOpen: true,
    shownCard: { folder: '/models/a', kind: 'loading' },
  })
  await opening
  expect(store.getState().shownCard).toEqual({ folder: '/models/a', kind: 'ready', markdown: '# /models/a' })

  store.getState().leaveCard()
  expect(store.getState()).toMatchObject({ isModelsOpen: true, shownCard: null })
})

it('begins with the list again after it was closed on a card', async () => {
  const { store } = testStore()
  await store.getState().openCard('/models/a')
  store.getState().closeModels()
  expect(store.getState()).toMatchObject({ isModelsOpen: false, shownCard: null })
  store.getState().openModels()
  expect(store.getState()).toMatchObject({ isModelsOpen: true, shownCard: null })
})

it('keeps a card that cannot be read with the reason, in its place', async () => {
  const { store, client } = testStore()
  const details = { file: 'README.md', reason: 'it is larger than 256 KB' }
  client.models.card.mockRejectedValueOnce(new AppError('media_unreadable', 'too large', details))
  await store.getState().openCard('/models/a')
  expect(store.getState().shownCard).toMatchObject({
    kind: 'failed',
    failure: { title: 'The file cannot be read' },
  })
  expect(store.getState().modelsFailure).toBeNull()
})

it('shows the card that was opened last, whichever is read first, and none that was left', async () => {
  const { store, client } = testStore()
  const answers: ((card: ModelCard) => void)[] = []
  client.models.card.mockImplementation(() => new Promise((resolve) => answers.push(resolve)))
  void store.getState().openCard('/models/a')
  void store.getState().openCard('/models/b')
  answers[1]?.({ markdown: 'of b' })
  answers[0]?.({ markdown: 'of a' })
  await settle()
  expect(store.getState().shownCard).toMatchObject({ folder: '/models/b', markdown: 'of b' })

  void store.getState().openCard('/models/a')
  store.getState().closeModels()
  answers[2]?.({ markdown: 'of a' })
  await settle()
  expect(store.getState().shownCard).toBeNull()
})

it('an import that fails while the dialog is closed is told when it opens again, until it was read', async () => {
  const { store, client } = testStore({ isModelsOpen: true })
  const choice = { checkpointFolder: '/checkpoints/a', name: 'a' }
  const importing = store.getState().importCheckpoint(choice)
  store.getState().closeModels()
  client.importing.end(new AppError('disk_full', 'full', { need: '9 GB', free: '1 GB', file: '/models' }))
  await importing

  store.getState().openModels()
  await settle()
  expect(store.getState().modelsFailure).toMatchObject({ code: 'disk_full' })
  store.getState().closeModels()
  store.getState().openModels()
  await settle()
  expect(store.getState().modelsFailure).toBeNull()
})

it('a list that could not be read is no news once it was', async () => {
  const { store, client } = testStore()
  client.models.list.mockRejectedValueOnce(new AppError('internal', 'busy', { reason: 'busy' }))
  await store.getState().loadModels()
  expect(store.getState().modelsFailure).toMatchObject({ code: 'internal' })
  await store.getState().loadModels()
  expect(store.getState().modelsFailure).toBeNull()
})
