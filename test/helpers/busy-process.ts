/**
 * A process that adds, asks, streams and sets at random until it is killed. Each thing it was promised goes to stdout
 * as one JSON line, written before the next step: what a person would have seen on the screen.
 */
import { writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createServices } from '../../app/host/create-services'
import { CountingAsk } from './fake-ask'
import { FakeMedia } from './fake-media'
import { serviceParts } from './host-world'

export type Promised =
  | { kind: 'ready' }
  | { kind: 'added'; id: string }
  /** `saving` comes before, so that a value which was saved but not yet acknowledged is known too. */
  | { kind: 'saving' | 'setting'; maxFrames: number }
  | { kind: 'asked'; turnId: string; question: string }
  | { kind: 'draft'; conversationId: string; text: string }
  /** This many words of the answer had been streamed at this time, milliseconds since 1970. */
  | { kind: 'word'; question: string; words: number; at: number }

function promise(promised: Promised): void {
  // Synchronous: a line that was written is in the pipe, whatever happens to this process next.
  writeSync(1, `${JSON.stringify(promised)}\n`)
}

const [home = '', round = '0'] = process.argv.slice(2)
const ask = new CountingAsk({
  words: 10_000,
  pauseMs: 2,
  onWord: (question, word) => {
    promise({ kind: 'word', question, words: word + 1, at: Date.now() })
  },
})
const services = createServices(serviceParts(home, ask, new FakeMedia()))

// What the round before left behind goes on: resumed answers must keep what they had.
const broken = services.chat.list().flatMap(({ id }) => {
  const last = services.chat.get(id).items.at(-1)
  return last?.status === 'interrupted' ? [last] : []
})
promise({ kind: 'ready' })
const [resumable] = broken
if (resumable !== undefined && Math.random() < 0.3) services.chat.resume(resumable.id)

for (let step = 0; ; step += 1) {
  const chance = Math.random()
  if (chance < 0.35) {
    const path = join(home, `file-${round}-${step}.png`)
    writeFileSync(path, 'x')
    for await (const event of services.library.add([path])) {
      if (event.kind === 'added') promise({ kind: 'added', id: event.item.id })
    }
  } else if (chance < 0.55) {
    const maxFrames = 1 + Math.floor(Math.random() * 1000)
    promise({ kind: 'saving', maxFrames })
    services.settings.set({ maxFrames })
    promise({ kind: 'setting', maxFrames })
  } else if (chance < 0.75) {
    const { id } = services.chat.create()
    const question = `question ${round}-${step}`
    const turn = services.chat.ask(id, question, [])
    promise({ kind: 'asked', turnId: turn.id, question })
    // Stopping lets the next question have its turn at the engine. Some answers are long.
    const longestMs = Math.random() < 0.3 ? 4000 : 300
    setTimeout(() => {
      services.chat.stop(turn.id)
    }, Math.random() * longestMs)
  } else {
    const { id } = services.chat.create()
    const text = `draft ${round}-${step}`
    services.chat.saveDraft(id, { text, media: [] })
    promise({ kind: 'draft', conversationId: id, text })
  }
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
}
