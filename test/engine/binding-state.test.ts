import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  greedy,
  letterTokens,
  openEngine,
  withTinyEngine,
  type TinyEngine,
} from '../helpers/tiny-model-engine'

afterEach(() => {
  expect(openEngine().liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
})

const key = 'sha256 of the model'

/** Saves sequence 0 and returns the file's bytes. */
async function saved({ session, folder }: TinyEngine): Promise<{ path: string; bytes: Buffer }> {
  const path = join(folder, 'reading.state')
  await session.append(0, [letterTokens(150)], undefined, undefined)
  await session.saveState(0, path, key)
  return { path, bytes: await readFile(path) }
}

describe('a snapshot', () => {
  it('restores logits, length and everything that follows to the last digit', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(150)], undefined, undefined)
      const logits = await session.lastLogits(0)
      const snapshot = await session.snapshot(0)
      await session.append(0, [letterTokens(30, 3)], undefined, undefined)
      const after = await session.lastLogits(0)

      await session.clear(0)
      await session.restore(0, snapshot)
      expect(session.length(0)).toBe(150)
      expect(await session.lastLogits(0)).toEqual(logits)
      await session.append(0, [letterTokens(30, 3)], undefined, undefined)
      expect(await session.lastLogits(0)).toEqual(after)
    })
  })

  it('of a branch can replace another sequence, from which generation goes on', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(40)], undefined, undefined)
      await session.branch(0, 1)
      await session.append(2, [letterTokens(10, 9)], undefined, undefined)
      await session.restore(2, await session.snapshot(1))
      const fromBranch = await session.generate(1, greedy, undefined, undefined)
      const fromSnapshot = await session.generate(2, greedy, undefined, undefined)
      expect(fromSnapshot).toEqual(fromBranch)
      expect(session.length(0)).toBe(40)
    })
  })

  it('of an empty sequence empties the one it is restored to', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(1, [letterTokens(10)], undefined, undefined)
      await session.restore(1, await session.snapshot(0))
      expect(session.length(1)).toBe(0)
    })
  })

  it('that does not fit is refused before anything changes', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(400)], undefined, undefined)
      const snapshot = await session.snapshot(0)
      await session.append(1, [letterTokens(100)], undefined, undefined)
      const before = await session.lastLogits(1)
      await expect(session.restore(1, snapshot)).rejects.toMatchObject({ code: 'context_full' })
      expect(await session.lastLogits(1)).toEqual(before)
      await session.restore(0, snapshot)
      expect(session.length(0)).toBe(400)
    })
  })

  it('of another kind of cache is refused', async () => {
    let snapshot: Uint8Array = new Uint8Array()
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(40)], undefined, undefined)
      snapshot = await session.snapshot(0)
    })
    await withTinyEngine(
      async ({ session }) => {
        await expect(session.restore(0, snapshot)).rejects.toMatchObject({ code: 'state_invalid' })
        expect(session.length(0)).toBe(0)
        await session.append(0, [letterTokens(40)], undefined, undefined)
      },
      { session: { cacheType: 'f32' } },
    )
  })
})

describe('a state file', () => {
  it('brings a sequence back in another session and leaves no temporary file', async () => {
    await withTinyEngine(async (engine) => {
      const { path, bytes } = await saved(engine)
      const answer = await engine.session.generate(0, greedy, undefined, undefined)
      const other = await engine.model.createSession({
        contextTokens: 300,
        batchTokens: 32,
        threads: 1,
        flashAttention: true,
        cacheType: 'f16',
        maxSequences: 1,
      })
      try {
        await other.loadState(0, path, key)
        expect(other.length(0)).toBe(150)
        expect((await other.generate(0, greedy, undefined, undefined)).text).toBe(answer.text)
        expect(await other.saveState(0, path, key)).toEqual({ bytes: (await readFile(path)).length })
      } finally {
        await other.dispose()
      }
      expect(bytes.length).toBeGreaterThan(10_000)
      expect((await readdir(engine.folder)).sort()).toEqual(['language.gguf', 'reading.state'])
    })
  })

  it('is refused when damaged anywhere, cut short, lengthened, of another version or under another key', async () => {
    await withTinyEngine(async (engine) => {
      const { session } = engine
      const { path, bytes } = await saved(engine)
      const before = await session.lastLogits(0)
      const flipped = (at: number): Buffer => {
        const copy = Buffer.from(bytes)
        copy[at] = (copy[at] ?? 0) ^ 1
        return copy
      }
      const damaged = [
        ...[0, 8, 12, 16, 24, 32, 40, 48, 2000, bytes.length - 1].map(flipped),
        ...[0, 7, 47, 48, bytes.length - 1].map((length) => bytes.subarray(0, length)),
        Buffer.concat([bytes, Buffer.of(0)]),
        Buffer.from('not a state at all, but long enough to have a header of its own'),
      ]
      for (const content of damaged) {
        await writeFile(path, content)
        await expect(session.loadState(0, path, key)).rejects.toMatchObject({ code: 'state_invalid' })
        await expect(session.restore(0, content)).rejects.toMatchObject({ code: 'state_invalid' })
      }
      await writeFile(path, bytes)
      await expect(session.loadState(0, path, 'another model')).rejects.toMatchObject({
        code: 'state_invalid',
      })
      await expect(session.restore(0, bytes)).rejects.toMatchObject({ code: 'state_invalid' })

      expect(session.length(0)).toBe(150)
      expect(await session.lastLogits(0)).toEqual(before)
      await session.loadState(0, path, key)
    })
  })

  it('that is missing, or cannot be written, is io_failed', async () => {
    await withTinyEngine(async ({ session, folder }) => {
      await expect(session.loadState(0, join(folder, 'none'), key)).rejects.toMatchObject({
        code: 'io_failed',
      })
      await expect(session.saveState(0, join(folder, 'no-folder', 'x'), key)).rejects.toMatchObject({
        code: 'io_failed',
      })
      await expect(session.saveState(0, folder, key)).rejects.toMatchObject({ code: 'io_failed' })
      expect(await readdir(folder)).toEqual(['language.gguf'])
    })
  })
})
