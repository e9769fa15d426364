import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { SequenceInput } from '../../app/engine/engine-binding'
import { readGgufHeader } from '../../app/services/models/gguf/gguf-reader'
import { largestDifference } from '../helpers/largest-difference'
import { tinyShape } from '../helpers/tiny-model'
import { greedy, letterTokens, openEngine, withTinyEngine } from '../helpers/tiny-model-engine'

const nothingLeft = { models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 }

afterEach(() => {
  expect(openEngine().liveHandles()).toEqual(nothingLeft)
})

/** Rows of token_embd.weight, read from the file by hand. */
async function embeddingRows(path: string, tokens: Int32Array): Promise<SequenceInput> {
  const header = await readGgufHeader(path)
  const table = header.tensors.get('token_embd.weight')
  if (table === undefined) throw new Error('expected token_embd.weight in the tiny model')
  const width = table.shape[0] ?? 0
  const embeddings = new Float32Array(tokens.length * width)
  const file = await open(path)
  try {
    for (const [i, token] of tokens.entries()) {
      const row = new Uint8Array(width * 4)
      await file.read(row, 0, row.length, table.offset + token * row.length)
      embeddings.set(new Float32Array(row.buffer), i * width)
    }
  } finally {
    await file.close()
  }
  return { kind: 'embeddings', embeddings }
}

describe('a model', () => {
  it('states its sizes and cuts text into tokens and back', async () => {
    await withTinyEngine(({ model }) => {
      expect(model).toMatchObject({ embeddingLength: 64, vocabularySize: 296, nLayers: 4 })
      expect(model.nParams).toBe(model.sizeBytes / 4)
      const tokens = model.tokenize('hello world é', true)
      const text = Buffer.concat([...tokens].map((token) => model.tokenBytes(token))).toString()
      expect(text).toBe('hello world é')
      expect([...model.tokenize('</s>', true)]).toEqual([2])
      expect(model.tokenBytes(2)).toHaveLength(0)
      return Promise.resolve()
    })
  })

  it('says that llama.cpp failed where a character has neither a piece nor bytes, and stays usable', async () => {
    const shape = { ...tinyShape, lacksBytes: true }
    await withTinyEngine(
      ({ model }) => {
        expect(() => model.tokenize('é', false)).toThrow(expect.objectContaining({ code: 'fatal' }) as Error)
        expect(model.tokenize('a', false)).toHaveLength(1)
        return Promise.resolve()
      },
      { shape },
    )
  })
})

describe('append', () => {
  it('gives the same logits however the tokens are cut into calls and batches', async () => {
    await withTinyEngine(
      async ({ session }) => {
        const all = letterTokens(150)
        await session.append(0, [all], undefined, undefined)
        await session.append(1, [{ kind: 'tokens', tokens: all.tokens.slice(0, 71) }], undefined, undefined)
        await session.append(1, [{ kind: 'tokens', tokens: all.tokens.slice(71) }], undefined, undefined)

        expect(session.length(0)).toBe(150)
        expect(session.length(1)).toBe(150)
        expect(largestDifference(await session.lastLogits(0), await session.lastLogits(1))).toBeLessThan(1e-3)
      },
      { session: { cacheType: 'f32', flashAttention: false } },
    )
  })

  it('joins tokens and embeddings in one batch and reads both alike', async () => {
    await withTinyEngine(async ({ session, folder }) => {
      const { tokens } = letterTokens(100)
      const rows = await embeddingRows(join(folder, 'language.gguf'), tokens.slice(30, 90))
      await session.append(0, [{ kind: 'tokens', tokens }], undefined, undefined)
      const fromTokens = await session.lastLogits(0)
      await session.clear(0)
      await session.append(
        0,
        [{ kind: 'tokens', tokens: tokens.slice(0, 30) }, rows, { kind: 'tokens', tokens: tokens.slice(90) }],
        undefined,
        undefined,
      )
      expect(await session.lastLogits(0)).toEqual(fromTokens)
    })
  })

  it("looks tokens up as llama.cpp's own embedding table does, to the last digit", async () => {
    await withTinyEngine(async ({ session, folder }) => {
      const input = letterTokens(60)
      const rows = await embeddingRows(join(folder, 'language.gguf'), input.tokens)
      const fromTokens = await session.evaluateAll(1, input, [], undefined)
      const fromRows = await session.evaluateAll(1, rows, [], undefined)
      expect(fromRows.logits).toEqual(fromTokens.logits)

      // Only rounding may differ: the last layer runs on one position here, on all of them there.
      await session.append(0, [input], undefined, undefined)
      expect(largestDifference(await session.lastLogits(0), fromTokens.logits.slice(59 * 296))).toBeLessThan(
        1e-4,
      )
    })
  })

  it('reports progress in order, and the end last', async () => {
    await withTinyEngine(async ({ session }) => {
      const seen: [number, number][] = []
      await session.append(0, [letterTokens(300)], undefined, (done, total) => seen.push([done, total]))
      expect(seen.at(-1)).toEqual([300, 300])
      expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b))
    })
  })

  it('refuses with context_full before anything changes', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(300)], undefined, undefined)
      const before = await session.lastLogits(0)
      await expect(session.append(0, [letterTokens(213)], undefined, undefined)).rejects.toMatchObject({
        code: 'context_full',
      })
      await expect(session.append(1, [letterTokens(213)], undefined, undefined)).rejects.toMatchObject({
        code: 'context_full',
      })
      expect(session.length(0)).toBe(300)
      expect(await session.lastLogits(0)).toEqual(before)

      await session.append(1, [letterTokens(212)], undefined, undefined)
      expect(session.length(1)).toBe(212)
    })
  })

  it('frees the room of a sequence that is cleared, but not what a branch still shares', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(400)], undefined, undefined)
      await session.branch(0, 1)
      await session.clear(0)
      await expect(session.append(0, [letterTokens(113)], undefined, undefined)).rejects.toMatchObject({
        code: 'context_full',
      })
      await session.clear(1)
      await session.append(0, [letterTokens(512)], undefined, undefined)
      expect(session.length(0)).toBe(512)
    })
  })
})

describe('branch', () => {
  it('leaves the source intact and repeats to the last digit', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(120)], undefined, undefined)
      const source = await session.lastLogits(0)
      const answers: Float32Array[] = []
      for (let round = 0; round < 2; round += 1) {
        await session.branch(0, 1)
        expect(await session.lastLogits(1)).toEqual(source)
        await session.append(1, [letterTokens(20, 5)], undefined, undefined)
        answers.push(await session.lastLogits(1))
      }
      expect(answers[1]).toEqual(answers[0])
      expect(session.length(0)).toBe(120)
      expect(session.length(1)).toBe(140)

      // In other cells of the cache, so the same sums are taken in another order.
      await session.append(0, [letterTokens(20, 5)], undefined, undefined)
      const [answer] = answers
      if (answer === undefined) throw new Error('expected an answer of the branch')
      expect(largestDifference(await session.lastLogits(0), answer)).toBeLessThan(1e-4)
    })
  })

  it('of a branch goes on by itself', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(50)], undefined, undefined)
      await session.branch(0, 1)
      await session.branch(1, 2)
      const answer = await session.generate(2, greedy, undefined, undefined)
      expect(await session.generate(0, greedy, undefined, undefined)).toEqual(answer)
      expect(session.length(1)).toBe(50)
    })
  })
})

describe('evaluateAll', () => {
  it('returns logits of every position and named tensors over several batches', async () => {
    await withTinyEngine(async ({ session }) => {
      const input = letterTokens(100)
      const result = await session.evaluateAll(0, input, ['l_out-3', 'Qcur-1'], undefined)
      expect(result.logits).toHaveLength(100 * 296)
      expect(result.tensors['l_out-3']?.shape).toEqual([tinyShape.width, 100])
      expect(result.tensors['Qcur-1']?.shape).toEqual([32, 2, 100])
      expect(result.tensors['l_out-3']?.data).toHaveLength(64 * 100)

      const shorter = await session.evaluateAll(0, letterTokens(40), ['l_out-3'], undefined)
      expect(largestDifference(shorter.logits, result.logits.slice(0, 40 * 296))).toBeLessThan(0.05)
    })
  })

  it('leaves other sequences alone and names a tensor that does not exist', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(1, [letterTokens(10)], undefined, undefined)
      const before = await session.lastLogits(1)
      await expect(
        session.evaluateAll(0, letterTokens(10), ['no-such-tensor'], undefined),
      ).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('no-such-tensor') as string,
      })
      expect(await session.lastLogits(1)).toEqual(before)
    })
  })
})
