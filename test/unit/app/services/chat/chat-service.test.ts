import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MediaChip, Turn, TurnEvent } from '../../../../../app/contract/chat'
import { AppError } from '../../../../../app/contract/errors'
import { databaseFile } from '../../../../../app/services/folders'
import { collect } from '../../../../helpers/collect'
import { FakeAsk, fakeUsage } from '../../../../helpers/fake-ask'
import { hostWorld, hostWorldWith } from '../../../../helpers/host-world'

let world: ReturnType<typeof hostWorld>
let conversationId: string
beforeEach(() => {
  world = hostWorld()
  conversationId = world.services.chat.create().id
})
afterEach(async () => {
  await world.end()
})

const chat = () => world.services.chat

async function addVideo(name = 'a.mp4'): Promise<MediaChip> {
  const [, event] = await collect(world.services.library.add([world.file(name)]))
  if (event?.kind !== 'added') throw new Error(`${name} was refused`)
  return { itemId: event.item.id, range: null, tiles: false }
}

/** Follows a turn to its end; the last state. */
async function finalTurn(turn: Turn): Promise<Turn> {
  const events = await collect(chat().follow(turn.id))
  const last = events.at(-1)
  if (last?.kind !== 'state') throw new Error('expected a state at the end')
  return last.turn
}

async function answer(question: string, text: string, media: MediaChip[] = []): Promise<Turn> {
  const turn = chat().ask(conversationId, question, media)
  const call = await world.ask.nextCall()
  call.text(text)
  call.finish()
  return finalTurn(turn)
}

describe('asking', () => {
  it('saves the question first, then streams states, progress and text in order', async () => {
    const turn = chat().ask(conversationId, 'What colour?', [])
    expect(turn).toMatchObject({ status: 'waiting', question: 'What colour?', answer: '' })
    const following = collect(chat().follow(turn.id))
    const call = await world.ask.nextCall()
    const progress = { stage: 'decode', done: 1, total: 4, secondsLeft: null } as const
    call.handlers.onProgress?.(progress)
    call.text('It is')
    call.text(' blue.')
    call.finish()
    const events = await following
    const told = (event: TurnEvent): unknown => (event.kind === 'state' ? event.turn.status : event)
    expect(events.map(told)).toEqual([
      'waiting',
      'reading',
      { kind: 'progress', progress },
      'streaming',
      { kind: 'text', text: 'It is blue.' },
      'done',
    ])
    expect(chat().get(conversationId).items).toEqual([
      { ...turn, answer: 'It is blue.', status: 'done', usage: fakeUsage, model: 'Fake-1' },
    ])
  })

  it('titles the conversation by its first question and empties the draft', async () => {
    chat().saveDraft(conversationId, { text: 'What colour?', media: [] })
    await answer('What  colour\nis the very long bird that sits on the highest branch of the tree?', 'Blue.')
    await answer('And now?', 'Red.')
    expect(chat().get(conversationId)).toMatchObject({
      title: 'What colour is the very long bird that sits on the highest…',
      turns: 2,
      draft: { text: '', media: [] },
    })
    chat().rename(conversationId, 'Birds')
    await answer('Again?', 'Yes.')
    expect(chat().list()).toMatchObject([{ title: 'Birds', turns: 3 }])
  })

  it('gives the model the history with replies, the settings and the model', async () => {
    const chip = await addVideo()
    world.services.settings.set({ maxFrames: 7, maxTokens: 99 })
    await answer('First?', 'One.', [{ ...chip, range: { start: 1, end: 2 } }])
    chat().ask(conversationId, 'Second?', [])
    const call = await world.ask.nextCall()
    expect(call.turns).toEqual([
      {
        question: 'First?',
        media: [{ path: join(world.home, 'a.mp4'), range: { start: 1, end: 2 }, tiles: false }],
        reply: 'One.',
      },
      { question: 'Second?', media: [] },
    ])
    expect(call.options).toMatchObject({
      modelFolder: '/models/fake',
      maxFrames: 7,
      maxTokens: 99,
      continueReply: '',
    })
  })

  it('names the item in citations, also that of an earlier turn', async () => {
    const chip = await addVideo()
    await answer('First?', 'One.', [chip])
    const turn = chat().ask(conversationId, 'When?', [])
    const call = await world.ask.nextCall()
    call.text('At 00:05.')
    call.finish([{ media: 0, startSeconds: 5, endSeconds: 5, textStart: 3, textEnd: 8 }])
    expect((await finalTurn(turn)).citations).toEqual([
      { itemId: chip.itemId, startSeconds: 5, endSeconds: 5, textStart: 3, textEnd: 8 },
    ])
  })

  it('links times of a stopped answer to what its own turn showed, and to the part of it', async () => {
    const [first, second] = [await addVideo('a.mp4'), await addVideo('b.mp4')]
    await answer('First?', 'One.', [first])
    const turn = chat().ask(conversationId, 'When?', [{ ...second, range: { start: 4, end: 8 } }])
    const call = await world.ask.nextCall()
    call.text('At 00:05 and at 00:02.')
    chat().stop(turn.id)
    expect((await finalTurn(turn)).citations).toMatchObject([
      { itemId: second.itemId, startSeconds: 5 },
      { itemId: first.itemId, startSeconds: 2 },
    ])
  })

  it('answers one question after the other, each with the reply before it', async () => {
    const first = chat().ask(conversationId, 'First?', [])
    const second = chat().ask(conversationId, 'Second?', [])
    const call = await world.ask.nextCall()
    expect(world.ask.calls).toHaveLength(1)
    expect(
      chat()
        .get(conversationId)
        .items.map(({ status }) => status),
    ).toEqual(['waiting', 'waiting'])
    call.text('One.')
    call.finish()
    await finalTurn(first)
    const next = await world.ask.nextCall()
    expect(next.turns.map(({ reply }) => reply)).toEqual(['One.', undefined])
    next.finish()
    await finalTurn(second)
  })

  it('refuses media that are gone, a backward range and a removed conversation', async () => {
    const chip = await addVideo()
    const ask = (media: MediaChip[]) => () => chat().ask(conversationId, 'What?', media)
    expect(ask([{ ...chip, range: { start: 5, end: 2 } }])).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    )
    world.services.library.remove(chip.itemId)
    expect(ask([chip])).toThrow(expect.objectContaining({ code: 'gone' }))
    chat().remove(conversationId)
    expect(ask([])).toThrow(expect.objectContaining({ code: 'gone' }))
    expect(chat().restore(conversationId).items).toEqual([])
  })
})

describe('stopping and failing', () => {
  it('keeps the text when stopped, and links its times', async () => {
    const chip = await addVideo()
    const turn = chat().ask(conversationId, 'When?', [chip])
    const call = await world.ask.nextCall()
    call.text('Between 00:03 and')
    chat().stop(turn.id)
    const stopped = await finalTurn(turn)
    expect(stopped).toMatchObject({ status: 'stopped', answer: 'Between 00:03 and', failure: null })
    expect(stopped.citations).toMatchObject([{ itemId: chip.itemId, startSeconds: 3 }])
  })

  it('stops a question that still waits for its turn', async () => {
    chat().ask(conversationId, 'First?', [])
    const second = chat().ask(conversationId, 'Second?', [])
    chat().stop(second.id)
    expect(await finalTurn(second)).toMatchObject({ status: 'stopped', answer: '' })
    expect(world.ask.calls).toHaveLength(1)
  })

  it('is interrupted with its text when the engine dies, and the next question works', async () => {
    const turn = chat().ask(conversationId, 'First?', [])
    const call = await world.ask.nextCall()
    call.text('It was')
    call.fail(new AppError('engine_crashed', 'killed'))
    expect(await finalTurn(turn)).toMatchObject({
      status: 'interrupted',
      answer: 'It was',
      failure: { code: 'engine_crashed', title: 'The engine stopped and restarted' },
    })
    expect((await answer('Second?', 'Yes.')).status).toBe('done')
  })

  it('fails with the texts for people when the media cannot be read', async () => {
    const turn = chat().ask(conversationId, 'First?', [])
    const call = await world.ask.nextCall()
    call.fail(new AppError('media_damaged', 'x', { file: 'a.mp4', reason: 'torn' }))
    expect(await finalTurn(turn)).toMatchObject({
      status: 'failed',
      failure: { body: expect.stringContaining('"a.mp4"') as string },
    })
  })

  it('carries the media of a question stopped before its first word to the next one', async () => {
    const chip = await addVideo()
    const turn = chat().ask(conversationId, 'First?', [chip])
    await world.ask.nextCall()
    chat().stop(turn.id)
    await finalTurn(turn)
    chat().ask(conversationId, 'Second?', [])
    const { turns } = await world.ask.nextCall()
    expect(turns).toEqual([
      { question: 'Second?', media: [{ path: join(world.home, 'a.mp4'), range: null, tiles: false }] },
    ])
  })
})

describe('asking again', () => {
  it('replaces the answer, with the question edited or not', async () => {
    const turn = await answer('What?', 'Old.')
    const again = await chat().retry(turn.id, 'What exactly?')
    expect(again).toMatchObject({ id: turn.id, question: 'What exactly?', answer: '', status: 'waiting' })
    const call = await world.ask.nextCall()
    expect(call.turns).toEqual([{ question: 'What exactly?', media: [] }])
    call.text('New.')
    call.finish()
    expect(await finalTurn(again)).toMatchObject({ answer: 'New.', status: 'done' })
    expect(chat().get(conversationId).items).toHaveLength(1)
  })

  it('puts the old answer back when it is stopped without a word', async () => {
    const turn = await answer('What?', 'Old.')
    const again = await chat().retry(turn.id)
    await world.ask.nextCall()
    chat().stop(again.id)
    expect(await finalTurn(again)).toMatchObject({ answer: 'Old.', status: 'done', usage: fakeUsage })
  })

  it('keeps the old answer and says what failed when it fails without a word', async () => {
    const turn = await answer('What?', 'Old.')
    const again = await chat().retry(turn.id)
    const call = await world.ask.nextCall()
    call.fail(new AppError('engine_crashed', 'killed'))
    expect(await finalTurn(again)).toMatchObject({
      answer: 'Old.',
      status: 'failed',
      failure: { code: 'engine_crashed' },
    })
  })

  it('puts the old question back with its answer when an edited one fails without a word', async () => {
    const turn = await answer('What?', 'Old.')
    const again = await chat().retry(turn.id, 'What exactly?')
    const call = await world.ask.nextCall()
    call.fail(new AppError('media_not_found', 'x', { file: 'a.mp4' }))
    const failed = {
      question: 'What?',
      answer: 'Old.',
      status: 'failed',
      failure: { code: 'media_not_found' },
    }
    expect(await finalTurn(again)).toMatchObject(failed)
    expect(chat().get(conversationId).items).toMatchObject([failed])
  })

  it('puts the old question back with its answer when the program dies before a word', async () => {
    const turn = await answer('What?', 'Old.')
    await chat().retry(turn.id, 'What exactly?')
    await world.ask.nextCall()
    // As a killed process leaves it: open, and nobody's.
    const raw = new DatabaseSync(databaseFile(world.services.folders))
    raw.exec('DELETE FROM processes')
    raw.close()
    const other = hostWorldWith(new FakeAsk(), { folders: world.services.folders })
    expect(other.services.chat.get(conversationId).items).toEqual([turn])
    await other.end()
  })

  it('reads what an earlier version kept of the answer before, without a question', async () => {
    const turn = await answer('What?', 'Old.')
    await chat().retry(turn.id)
    await world.ask.nextCall()
    const raw = new DatabaseSync(databaseFile(world.services.folders))
    raw.exec("DELETE FROM processes; UPDATE turns SET previous = json_remove(previous, '$.question')")
    raw.close()
    const other = hostWorldWith(new FakeAsk(), { folders: world.services.folders })
    expect(other.services.chat.get(conversationId).items).toEqual([turn])
    await other.end()
  })

  it('stops an answer that is still running first', async () => {
    const turn = chat().ask(conversationId, 'What?', [])
    const call = await world.ask.nextCall()
    call.text('Old')
    const again = await chat().retry(turn.id)
    const next = await world.ask.nextCall()
    next.text('New.')
    next.finish()
    expect(await finalTurn(again)).toMatchObject({ answer: 'New.', status: 'done' })
  })

  it('leaves the next question that is being typed alone, as going on does', async () => {
    const turn = await answer('What?', 'Old.')
    const draft = { text: 'And what of the second', media: [await addVideo()] }
    chat().saveDraft(conversationId, draft)
    const again = await chat().retry(turn.id, 'What exactly?')
    const call = await world.ask.nextCall()
    call.text('New')
    chat().stop(again.id)
    await finalTurn(again)
    chat().resume(turn.id)
    expect(chat().get(conversationId)).toMatchObject({ title: 'What?', draft })
  })

  it('is for the last question only', async () => {
    const turn = await answer('What?', 'Old.')
    await answer('And?', 'Then.')
    await expect(chat().retry(turn.id)).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('going on', () => {
  it('keeps the text and appends to it', async () => {
    const turn = chat().ask(conversationId, 'What?', [])
    const call = await world.ask.nextCall()
    call.text('It appears at')
    chat().stop(turn.id)
    await finalTurn(turn)
    const resumed = chat().resume(turn.id)
    expect(resumed).toMatchObject({ status: 'waiting', answer: 'It appears at' })
    const next = await world.ask.nextCall()
    expect(next.options.continueReply).toBe('It appears at')
    next.text(' noon.')
    next.finish()
    expect(await finalTurn(resumed)).toMatchObject({ status: 'done', answer: 'It appears at noon.' })
  })

  it('is refused for an answer that is complete', async () => {
    const turn = await answer('What?', 'All of it.')
    expect(() => chat().resume(turn.id)).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  })
})

describe('closing and opening', () => {
  it('interrupts what runs, keeps its text, and goes on after reopening', async () => {
    const turn = chat().ask(conversationId, 'What?', [])
    const call = await world.ask.nextCall()
    call.text('Half an')
    await world.services.close()
    const ask = new FakeAsk()
    const again = hostWorldWith(ask, { folders: world.services.folders })
    expect(again.services.chat.get(conversationId).items).toMatchObject([
      { id: turn.id, status: 'interrupted', answer: 'Half an', failure: null },
    ])
    again.services.chat.resume(turn.id)
    const next = await ask.nextCall()
    next.text(' answer.')
    next.finish()
    const events = await collect(again.services.chat.follow(turn.id))
    expect(events.at(-1)).toMatchObject({ turn: { answer: 'Half an answer.', status: 'done' } })
    await again.end()
  })
})

describe('two processes on one database', () => {
  it('show, follow and stop what the other one answers, and leave it alone', async () => {
    const other = hostWorldWith(new FakeAsk(), { folders: world.services.folders })
    const turn = chat().ask(conversationId, 'What?', [])
    const call = await world.ask.nextCall()
    call.text('Half')
    // Opening did not interrupt the turn: its owner lives.
    expect(other.services.chat.get(conversationId).items).toMatchObject([{ id: turn.id, failure: null }])
    const following = collect(other.services.chat.follow(turn.id))
    other.services.chat.stop(turn.id)
    const events = await following
    expect(events.at(-1)).toMatchObject({ kind: 'state', turn: { status: 'stopped', answer: 'Half' } })
    await other.end()
  })

  it('tell each other what changed', async () => {
    const other = hostWorldWith(new FakeAsk(), { folders: world.services.folders })
    const told = new Promise((resolve) => {
      other.services.changes.subscribe((change) => {
        if (change.kind === 'settings') resolve(change)
      })
    })
    world.services.settings.set({ theme: 'dark' })
    expect(await told).toEqual({ kind: 'settings' })
    expect(other.services.settings.get().theme).toBe('dark')
    await other.end()
  })
})

describe('following', () => {
  it('never loses text to a slow reader, and skips progress', async () => {
    const turn = chat().ask(conversationId, 'What?', [])
    const feed = chat().follow(turn.id)
    const call = await world.ask.nextCall()
    for (let done = 0; done < 100; done += 1)
      call.handlers.onProgress?.({ stage: 'decode', done, total: 100, secondsLeft: 1 })
    for (let word = 0; word < 100; word += 1) call.text(`${word} `)
    call.finish()
    const events = await collect(feed)
    const text = events.flatMap((event) => (event.kind === 'text' ? [event.text] : [])).join('')
    expect(text).toBe(Array.from({ length: 100 }, (_, word) => `${word} `).join(''))
    expect(events.filter(({ kind }) => kind === 'progress')).toMatchObject([{ progress: { done: 99 } }])
  })

  it('tells an ended turn once', async () => {
    const turn = await answer('What?', 'That.')
    expect(await collect(chat().follow(turn.id))).toEqual([{ kind: 'state', turn }])
  })

  it('ends when the reader goes, while the answer goes on', async () => {
    const turn = chat().ask(conversationId, 'What?', [])
    const reader = new AbortController()
    const following = collect(chat().follow(turn.id, reader.signal))
    const call = await world.ask.nextCall()
    reader.abort()
    await following
    call.text('All the same.')
    call.finish()
    expect(await finalTurn(turn)).toMatchObject({ status: 'done', answer: 'All the same.' })
  })
})
