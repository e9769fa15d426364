import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../app/contract/errors'
import { conversation, item, turn } from '../fixtures'
import { settle, testStore } from '../test-store'

const film = { items: [item({ id: 'filmfilm' })], openItemId: 'filmfilm' }
const chip = { itemId: 'filmfilm', range: null, tiles: false }

describe('asking', () => {
  it('asks about what is open, empties the box and streams the answer', async () => {
    const { store, client } = testStore({ ...film, conversation: conversation() })
    store.getState().writeDraft(' What is it? ')

    await store.getState().ask()

    expect(client.chat.ask).toHaveBeenCalledWith({
      conversationId: 'talktalk',
      question: 'What is it?',
      media: [chip],
    })
    expect(store.getState().draft).toEqual({ text: '', media: [] })
    const feed = client.follows.get('turnturn')
    feed?.push({ kind: 'state', turn: turn({ status: 'streaming' }) })
    for (const text of ['A', ' fox', '.']) feed?.push({ kind: 'text', text })
    await settle()
    expect(store.getState().conversation?.items[0]).toMatchObject({ status: 'streaming', answer: 'A fox.' })
  })

  it('makes one conversation for the first question, however often it is needed at once', async () => {
    const { store, client } = testStore(film)
    store.getState().writeDraft('What?')
    await Promise.all([store.getState().ensureConversation(), store.getState().ask()])
    expect(client.chat.create).toHaveBeenCalledTimes(1)
  })

  it('puts the question back into the box when it could not be asked', async () => {
    const { store, client } = testStore({ ...film, conversation: conversation() })
    client.chat.ask.mockRejectedValueOnce(new AppError('media_not_found', 'gone', { file: 'film.mp4' }))
    store.getState().writeDraft('What?')

    await store.getState().ask()

    expect(store.getState().draft.text).toBe('What?')
    expect(store.getState().conversationFailure).toMatchObject({ code: 'media_not_found' })
    expect(store.getState().isAsking).toBe(false)
  })

  it('says nothing about a failure while there is no connection', () => {
    const { store } = testStore({ connection: 'lost' })
    store.getState().failConversation(new Error('socket closed'), () => Promise.resolve())
    expect(store.getState().conversationFailure).toBeNull()
  })
})

describe('a failure', () => {
  const busy = new AppError('internal', 'the database is busy', { reason: 'busy' })

  it('is mended by doing again what failed, not by asking what is being written', async () => {
    const { store, client } = testStore({ ...film, conversation: conversation() })
    store.getState().writeDraft('Half a ques')
    client.chat.rename.mockRejectedValueOnce(busy)
    await store.getState().renameConversation('talktalk', 'Foxes')
    expect(store.getState().conversationFailure).toMatchObject({ code: 'internal' })

    await store.getState().retryConversation()
    expect(client.chat.rename).toHaveBeenLastCalledWith({ conversationId: 'talktalk', title: 'Foxes' })
    expect(client.chat.rename).toHaveBeenCalledTimes(2)
    expect(client.chat.ask).not.toHaveBeenCalled()
    expect(store.getState()).toMatchObject({ conversationFailure: null, conversation: { title: 'Foxes' } })
  })

  it('of a question is mended by asking it again as it stands in the box', async () => {
    const { store, client } = testStore({ ...film, conversation: conversation() })
    client.chat.ask.mockRejectedValueOnce(busy)
    store.getState().writeDraft('What?')
    await store.getState().ask()
    store.getState().writeDraft('What is it?')
    await store.getState().retryConversation()
    expect(client.chat.ask).toHaveBeenLastCalledWith(expect.objectContaining({ question: 'What is it?' }))
    expect(store.getState().conversationFailure).toBeNull()
  })

  it('stays behind when another conversation is opened', async () => {
    const { store, client } = testStore({ ...film, conversation: conversation() })
    client.chat.ask.mockRejectedValueOnce(busy)
    await store.getState().ask('What?')
    await store.getState().openConversation('othertalk')
    expect(store.getState()).toMatchObject({
      conversation: { id: 'othertalk' },
      conversationFailure: null,
      conversationRetry: null,
    })
  })

  it('of saving a draft is told in the conversation that is opened next, and mended there', async () => {
    const { store, client } = testStore({ ...film, conversation: conversation() })
    client.chat.saveDraft.mockRejectedValueOnce(busy)
    store.getState().writeDraft('What?')
    await settle()
    await store.getState().openConversation('othertalk')
    expect(store.getState().conversationFailure).toMatchObject({ code: 'internal' })

    await store.getState().retryConversation()
    expect(client.chat.saveDraft).toHaveBeenLastCalledWith({
      conversationId: 'talktalk',
      draft: { text: 'What?', media: [chip] },
    })
  })
})

describe('chips', () => {
  it('adding one keeps what is open in the question', () => {
    const { store } = testStore({ ...film, conversation: conversation() })
    store.getState().addChip({ itemId: 'otherone', range: null, tiles: false })
    expect(store.getState().draft.media.map(({ itemId }) => itemId)).toEqual(['filmfilm', 'otherone'])
  })

  it('taking out what is open asks about nothing', async () => {
    const { store, client } = testStore({ ...film, conversation: conversation() })
    store.getState().removeChip(0)
    await store.getState().ask('What?')
    expect(client.chat.ask).toHaveBeenCalledWith(expect.objectContaining({ media: [] }))
  })

  it('a question that is being written stays about what was open when it was begun', () => {
    const { store } = testStore({
      items: [item({ id: 'filmfilm' }), item({ id: 'otherone' })],
      openItemId: 'filmfilm',
      conversation: conversation(),
    })
    store.getState().openItem('otherone')
    expect(store.getState().draft.media).toEqual([])
    store.getState().writeDraft('What?')
    store.getState().openItem('filmfilm')
    expect(store.getState().draft.media.map(({ itemId }) => itemId)).toEqual(['otherone'])
  })

  it('saves the draft with what it is about, so that reopening shows the same question', async () => {
    const { store, client } = testStore({ ...film, conversation: conversation() })
    store.getState().writeDraft('What?')
    await settle()
    await store.getState().flushDraft()
    expect(client.chat.saveDraft).toHaveBeenCalledWith({
      conversationId: 'talktalk',
      draft: { text: 'What?', media: [chip] },
    })
  })
})

it('stops every turn that is being answered', async () => {
  const items = [turn({ id: 'turn0001', status: 'done' }), turn({ id: 'turn0002', status: 'reading' })]
  const { store, client } = testStore({ conversation: conversation({ items }) })
  await store.getState().stop()
  expect(client.chat.stop).toHaveBeenCalledExactlyOnceWith({ turnId: 'turn0002' })
})

it('shows the progress of each stage until there is text', async () => {
  const { store, client } = testStore({ ...film, conversation: conversation() })
  await store.getState().ask('What?')
  const feed = client.follows.get('turnturn')
  const step = { stage: 'encode', done: 3, total: 6, secondsLeft: 2 } as const
  feed?.push({ kind: 'state', turn: turn({ status: 'reading' }) }, { kind: 'progress', progress: step })
  await settle()
  expect(store.getState().progress['turnturn']).toEqual({ encode: step })
  feed?.push({ kind: 'state', turn: turn({ status: 'done', answer: 'A fox.' }) })
  await settle()
  expect(store.getState().progress).toEqual({})
})

it('a removed conversation leaves the list as soon as it can be brought back', async () => {
  const { store, client } = testStore({ conversations: [conversation()] })
  client.chat.list.mockReturnValue(new Promise(() => undefined))
  void store.getState().removeConversation('talktalk')
  await settle()
  expect(store.getState()).toMatchObject({ conversations: [], removedConversation: { id: 'talktalk' } })
})

it('a second new conversation is not made while the first is empty', async () => {
  const { store, client } = testStore({ conversation: conversation() })
  await store.getState().newConversation()
  expect(client.chat.create).not.toHaveBeenCalled()
})
