import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createServices } from '../../app/host/create-services'
import type { Services } from '../../app/host/services'
import { bundleScript } from '../helpers/bundle-script'
import { FakeAsk } from '../helpers/fake-ask'
import { FakeMedia } from '../helpers/fake-media'
import { serviceParts } from '../helpers/host-world'
import { runAndKill } from '../helpers/run-busy-process'

let home: string
let services: Services
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'longlens-processes-'))
  services = createServices(serviceParts(home, new FakeAsk(), new FakeMedia()))
})
afterEach(async () => {
  await services.close()
  rmSync(home, { recursive: true, force: true })
})

describe('several processes on one database', () => {
  it('write at the same time, lose nothing, and leave each other’s running answers alone', async () => {
    const script = await bundleScript('test/helpers/busy-process.ts', join(home, 'busy-process.mjs'))
    const kinds = new Set<string>()
    services.changes.subscribe(({ kind }) => kinds.add(kind))
    const runs = await Promise.all(
      ['one', 'two', 'three'].map((name) => runAndKill(script, home, name, 2500)),
    )

    const items = new Set(services.library.list().map(({ id }) => id))
    const turns = services.chat.list().flatMap(({ id }) => services.chat.get(id).items)
    for (const { promised, errors } of runs) {
      expect(errors).toBe('')
      for (const one of promised) {
        if (one.kind === 'added') expect(items).toContain(one.id)
        if (one.kind === 'asked') expect(turns.map(({ id }) => id)).toContain(one.turnId)
      }
    }
    // This process looked on all the time: it was told of what changed, by topic.
    expect(kinds).toEqual(new Set(['library', 'settings', 'conversations', 'conversation']))
    for (const { answer } of turns) {
      const words = answer === '' ? [] : answer.split(' ')
      expect(words).toEqual(words.map((_, index) => String(index)))
    }
  })

  it('takes the turns of a killed process for interrupted while it goes on itself', async () => {
    const script = await bundleScript('test/helpers/busy-process.ts', join(home, 'busy-process.mjs'))
    const own = services.chat.ask(services.chat.create().id, 'My own question', [])
    await runAndKill(script, home, 'other', 600)
    services.chat.sweep()
    const turns = services.chat.list().flatMap(({ id }) => services.chat.get(id).items)
    const others = turns.filter(({ id }) => id !== own.id)
    expect(others.length).toBeGreaterThan(0)
    for (const { status } of others) expect(['stopped', 'interrupted']).toContain(status)
    expect(turns.find(({ id }) => id === own.id)?.status).toBe('waiting')
  })
})
