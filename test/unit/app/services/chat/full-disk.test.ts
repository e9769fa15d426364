import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Turn } from '../../../../../app/contract/chat'
import { ChatService } from '../../../../../app/services/chat/chat-service'
import { Changes } from '../../../../../app/services/database/changes'
import type { Database } from '../../../../../app/services/database/database'
import { openDatabase } from '../../../../../app/services/database/open-database'
import { ProcessRegistry } from '../../../../../app/services/database/process-registry'
import { SettingsService } from '../../../../../app/services/settings/settings-service'
import { collect } from '../../../../helpers/collect'
import { FakeAsk, type FakeCall } from '../../../../helpers/fake-ask'

/** Longer than what is free in the pages that the database has. */
const LONG = 'word '.repeat(20_000).trim()

let folder: string
let database: Database
let ask: FakeAsk
let chat: ChatService
let conversationId: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-full-'))
  database = openDatabase(join(folder, 'test.sqlite'))
  const changes = new Changes(database)
  ask = new FakeAsk()
  const noItem = (): never => {
    throw new Error('not part of this test')
  }
  chat = new ChatService({
    database,
    changes,
    ask,
    processes: new ProcessRegistry(database),
    settings: new SettingsService(database, changes),
    library: { row: noItem, presentRow: noItem },
    modelFolder: () => Promise.resolve('/models/fake'),
  })
  conversationId = chat.create().id
})
afterEach(async () => {
  await chat.close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

/** SQLite may take no further page: it answers as on a full disk. */
function fillDisk(): void {
  const pages = database.get(z.object({ page_count: z.number() }), 'PRAGMA page_count')?.page_count ?? 0
  database.run(`PRAGMA max_page_count = ${pages}`)
}

function freeDisk(): void {
  database.run('PRAGMA max_page_count = 1000000')
}

const stored = (): unknown[] =>
  database.all(z.object({ status: z.string(), answer: z.string() }), 'SELECT * FROM turns ORDER BY position')

async function lastState(turn: Turn): Promise<Turn> {
  const last = (await collect(chat.follow(turn.id))).at(-1)
  if (last?.kind !== 'state') throw new Error('expected a state at the end')
  return last.turn
}

/** An answer that ends while the disk is full. */
async function answerOnFullDisk(): Promise<Turn> {
  const turn = chat.ask(conversationId, 'What?', [])
  const call = await ask.nextCall()
  fillDisk()
  await finish(call, LONG)
  expect(await lastState(turn)).toMatchObject({ status: 'failed', failure: { code: 'disk_full' } })
  expect(stored()).toMatchObject([{ answer: '' }])
  return turn
}

async function finish(call: FakeCall, text: string): Promise<void> {
  call.text(text)
  call.finish()
  // Until the service has heard of it.
  await new Promise((resolve) => setTimeout(resolve, 10))
}

describe('an answer that a full disk does not take', () => {
  it('is still shown, also to a window that opens later', async () => {
    const turn = await answerOnFullDisk()
    const shown = { answer: LONG, status: 'failed', failure: { code: 'disk_full' } }
    expect(chat.get(conversationId).items).toMatchObject([shown])
    expect(await collect(chat.follow(turn.id))).toMatchObject([{ kind: 'state', turn: shown }])
  })

  it('is saved by the first sweep that finds room', async () => {
    const turn = await answerOnFullDisk()
    chat.sweep()
    expect(stored()).toMatchObject([{ answer: '' }])
    freeDisk()
    chat.sweep()
    expect(stored()).toEqual([{ status: 'done', answer: LONG }])
    expect(await lastState(turn)).toMatchObject({ status: 'done', answer: LONG, failure: null })
  })

  it('is saved when the program closes', async () => {
    await answerOnFullDisk()
    freeDisk()
    await chat.close()
    expect(stored()).toEqual([{ status: 'done', answer: LONG }])
  })

  it('is saved by a stop, and can be asked again', async () => {
    const turn = await answerOnFullDisk()
    expect(() => {
      chat.stop(turn.id)
    }).toThrow(expect.objectContaining({ code: 'disk_full' }))
    await expect(chat.retry(turn.id)).rejects.toMatchObject({ code: 'disk_full' })
    freeDisk()
    const again = await chat.retry(turn.id)
    await finish(await ask.nextCall(), 'New.')
    expect(await lastState(again)).toMatchObject({ status: 'done', answer: 'New.' })
  })

  it('is saved before the next question there, which has it in its history', async () => {
    await answerOnFullDisk()
    freeDisk()
    const next = chat.ask(conversationId, 'And then?', [])
    const call = await ask.nextCall()
    expect(call.turns).toMatchObject([{ reply: LONG }, { question: 'And then?' }])
    await finish(call, 'That.')
    expect(await lastState(next)).toMatchObject({ status: 'done' })
  })

  it('does not keep the questions of other conversations waiting', async () => {
    await answerOnFullDisk()
    const next = chat.ask(conversationId, 'And then?', [])
    const other = chat.ask(chat.create().id, 'Elsewhere?', [])
    await finish(await ask.nextCall(), 'Here.')
    expect(await lastState(next)).toMatchObject({ status: 'failed', failure: { code: 'disk_full' } })
    expect(await lastState(other)).toMatchObject({ status: 'done', answer: 'Here.' })
  })
})
