import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Turn } from '../../app/contract/chat'
import { createServices } from '../../app/host/create-services'
import { bundleScript } from '../helpers/bundle-script'
import type { Promised } from '../helpers/busy-process'
import { FakeAsk } from '../helpers/fake-ask'
import { FakeMedia } from '../helpers/fake-media'
import { serviceParts } from '../helpers/host-world'
import { runAndKill } from '../helpers/run-busy-process'

const ROUNDS = 100
/** How long a process lives after it is ready: mostly short, sometimes long enough to lose a second of an answer. */
const lifeMs = (): number => Math.random() * (Math.random() < 0.2 ? 2500 : 250)
/** What may be lost of a streamed answer. */
const PROMISED_SECONDS = 1

let home: string
let script: string
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'longlens-kill-'))
  script = await bundleScript('test/helpers/busy-process.ts', join(home, 'busy-process.mjs'))
})
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

function integrity(): unknown {
  const raw = new DatabaseSync(join(home, 'data', 'longlens.sqlite'))
  const result = raw.prepare('PRAGMA integrity_check').all()
  raw.close()
  return result
}

/** Words that the answer should have at least: those streamed a second before the kill. */
function wordsDue(promised: readonly Promised[], question: string, killedAt: number): number {
  const words = promised.flatMap((one) => (one.kind === 'word' && one.question === question ? [one] : []))
  return words.filter(({ at }) => at <= killedAt - PROMISED_SECONDS * 1000).at(-1)?.words ?? 0
}

function countWords(turn: Turn): number {
  return turn.answer === '' ? 0 : turn.answer.split(' ').length
}

interface Tally {
  media: number
  questions: number
  settings: number
  drafts: number
  streamedTurns: number
  mostLostMs: number
  interrupted: number
}

describe('a program that is killed', () => {
  it(`has lost nothing that it had acknowledged, ${ROUNDS} times`, { timeout: 300_000 }, async () => {
    const tally: Tally = {
      media: 0,
      questions: 0,
      settings: 0,
      drafts: 0,
      streamedTurns: 0,
      mostLostMs: 0,
      interrupted: 0,
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const { promised, killedAt, errors } = await runAndKill(script, home, String(round), lifeMs())
      expect(errors).toBe('')
      expect(integrity()).toEqual([{ integrity_check: 'ok' }])
      await check(promised, killedAt, tally)
    }
    console.log(`${ROUNDS} kills, nothing acknowledged is missing: ${JSON.stringify(tally)}`)
    expect(
      Math.min(tally.media, tally.questions, tally.settings, tally.drafts, tally.streamedTurns),
    ).toBeGreaterThan(ROUNDS / 4)
  })
})

async function check(promised: readonly Promised[], killedAt: number, tally: Tally): Promise<void> {
  const services = createServices(serviceParts(home, new FakeAsk(), new FakeMedia()))
  const items = new Set(services.library.list().map(({ id }) => id))
  const turns = services.chat.list().flatMap(({ id }) => services.chat.get(id).items)
  for (const one of promised) {
    if (one.kind === 'added') {
      expect(items).toContain(one.id)
      tally.media += 1
    } else if (one.kind === 'asked') {
      expect(turns.find(({ id }) => id === one.turnId)?.question).toBe(one.question)
      tally.questions += 1
    } else if (one.kind === 'draft') {
      expect(services.chat.get(one.conversationId).draft.text).toBe(one.text)
      tally.drafts += 1
    }
  }
  checkSetting(promised, services.settings.get().maxFrames, tally)
  checkAnswers(promised, turns, killedAt, tally)
  await services.close()
}

function checkSetting(promised: readonly Promised[], maxFrames: number | null, tally: Tally): void {
  const acknowledged = promised.flatMap((one) => (one.kind === 'setting' ? [one.maxFrames] : []))
  const begun = promised.flatMap((one) => (one.kind === 'saving' ? [one.maxFrames] : []))
  tally.settings += acknowledged.length
  if (acknowledged.length > 0) expect([acknowledged.at(-1), begun.at(-1)]).toContain(maxFrames)
}

function checkAnswers(
  promised: readonly Promised[],
  turns: readonly Turn[],
  killedAt: number,
  tally: Tally,
): void {
  const streamed = new Set(promised.flatMap((one) => (one.kind === 'word' ? [one.question] : [])))
  for (const question of streamed) {
    const turn = turns.find((one) => one.question === question)
    if (turn === undefined) throw new Error(`the turn of "${question}" is missing`)
    const kept = countWords(turn)
    // Word for word from the beginning: nothing is dropped, doubled or out of order, also after going on.
    expect(turn.answer).toBe(Array.from({ length: kept }, (_, word) => String(word)).join(' '))
    expect(kept).toBeGreaterThanOrEqual(wordsDue(promised, question, killedAt))
    expect(['stopped', 'interrupted']).toContain(turn.status)
    if (turn.status === 'interrupted') tally.interrupted += 1
    const lost = promised.find((one) => one.kind === 'word' && one.question === question && one.words > kept)
    if (lost?.kind === 'word') tally.mostLostMs = Math.max(tally.mostLostMs, killedAt - lost.at)
    tally.streamedTurns += 1
  }
}
