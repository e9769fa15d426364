import { afterEach, describe, expect, it } from 'vitest'
import type { GenerateParams, NativeSession } from '../../app/engine/engine-binding'
import { END_TOKEN, byteId, pieceId, tinyShape } from '../helpers/tiny-model'
import { greedy, letterTokens, openEngine, withTinyEngine } from '../helpers/tiny-model-engine'

afterEach(() => {
  expect(openEngine().liveHandles()).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
})

const sampling = { ...greedy.sampling, temperature: 1.2, topK: 40, topP: 0.95, minP: 0.01, seed: 42 }

/** Runs on a model that says the script, begun by the script's first token. */
async function speak(
  script: number[],
  params: Partial<GenerateParams>,
  use: (said: Said) => void,
): Promise<void> {
  await withTinyEngine(
    async ({ session }) => {
      await session.append(
        0,
        [{ kind: 'tokens', tokens: Int32Array.of(script[0] ?? 0) }],
        undefined,
        undefined,
      )
      const pieces: string[] = []
      const generateParams = { ...greedy, maxTokens: script.length - 1, ...params }
      const result = await session.generate(0, generateParams, undefined, (text) => pieces.push(text))
      expect(pieces.join('')).toBe(result.text)
      use({ ...result, session })
    },
    { shape: { ...tinyShape, script } },
  )
}
interface Said {
  readonly text: string
  readonly reason: string
  readonly tokens: Int32Array
  readonly session: NativeSession
}

const bytesOf = (text: string): number[] => [...Buffer.from(text)].map(byteId)
const hello = ['<s>', 'hell', 'o', '▁wor', 'ld'].map(pieceId)

describe('greedy generation', () => {
  it('repeats itself and leaves exactly prompt and answer in the sequence', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(30)], undefined, undefined)
      await session.branch(0, 1)
      await session.branch(0, 2)
      const first = await session.generate(1, greedy, undefined, undefined)
      const second = await session.generate(2, greedy, undefined, undefined)
      expect(first.tokens).toHaveLength(24)
      expect(first.reason).toBe('length')
      expect(second).toEqual(first)
      expect(session.length(1)).toBe(54)
      expect(new Set(first.tokens).size).toBeGreaterThan(1)
    })
  })

  it('takes the most likely token of lastLogits first', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(30)], undefined, undefined)
      const logits = await session.lastLogits(0)
      const { tokens } = await session.generate(0, { ...greedy, maxTokens: 1 }, undefined, undefined)
      expect([...tokens]).toEqual([logits.indexOf(Math.max(...logits))])
    })
  })

  it('says nothing twice under a strong penalty, and anything without', async () => {
    const a = pieceId('a')
    await speak([a], { maxTokens: 4 }, (said) => {
      expect(said.text).toBe('aaaa')
    })
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(30)], undefined, undefined)
      const penalised = { ...greedy.sampling, repetitionPenalty: 100, repetitionWindow: 64 }
      const { tokens } = await session.generate(0, { ...greedy, sampling: penalised }, undefined, undefined)
      expect(new Set(tokens).size).toBe(24)
    })
  })
})

describe('sampling', () => {
  it('repeats itself with one seed and differs with another, the largest seed included', async () => {
    await withTinyEngine(
      async ({ session }) => {
        await session.append(0, [letterTokens(30)], undefined, undefined)
        const answers: string[] = []
        for (const seed of [42, 42, 43, 0xffffffff, 0xffffffff]) {
          await session.branch(0, 1)
          const params = { ...greedy, sampling: { ...sampling, seed } }
          const { tokens } = await session.generate(1, params, undefined, undefined)
          answers.push(tokens.join(' '))
        }
        expect(answers[1]).toBe(answers[0])
        expect(answers[2]).not.toBe(answers[0])
        expect(answers[4]).toBe(answers[3])
      },
      { session: { contextTokens: 1024 } },
    )
  })

  it('is greedy with top-k 1, whatever the temperature', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(30)], undefined, undefined)
      await session.branch(0, 1)
      const best = await session.generate(0, greedy, undefined, undefined)
      const params = { ...greedy, sampling: { ...sampling, temperature: 5, topK: 1 } }
      expect(await session.generate(1, params, undefined, undefined)).toEqual(best)
    })
  })
})

describe('the end of an answer', () => {
  it('is an end token, which is left out', async () => {
    await speak([...hello, END_TOKEN], { endTokens: Int32Array.of(END_TOKEN), maxTokens: 50 }, (said) => {
      expect(said.text).toBe('hello world')
      expect(said.reason).toBe('end')
      expect([...said.tokens]).toEqual(hello.slice(1))
      expect(said.session.length(0)).toBe(5)
    })
  })

  it('is not an end token before minTokens', async () => {
    const endAtOnce = { endTokens: Int32Array.of(END_TOKEN), maxTokens: 3 }
    await speak([pieceId('<s>'), END_TOKEN], endAtOnce, (said) => {
      expect(said).toMatchObject({ text: '', reason: 'end' })
    })
    await speak([pieceId('<s>'), END_TOKEN], { ...endAtOnce, minTokens: 2 }, (said) => {
      expect(said.tokens.length).toBeGreaterThanOrEqual(2)
      expect([...said.tokens]).not.toContain(END_TOKEN)
    })
  })

  it('is a stop string that lies across tokens, and no part of it is shown', async () => {
    await speak(hello, { stopStrings: ['never', 'lo w'] }, (said) => {
      expect(said).toMatchObject({ text: 'hel', reason: 'stop_string' })
      expect([...said.tokens]).toEqual(hello.slice(1, 4))
      expect(said.session.length(0)).toBe(4)
    })
  })

  it('is not the beginning of a stop string that does not come', async () => {
    await speak(hello, { stopStrings: ['world!', 'hellish'] }, (said) => {
      expect(said).toMatchObject({ text: 'hello world', reason: 'length' })
    })
  })

  it('is a full context, which is no error', async () => {
    await withTinyEngine(async ({ session }) => {
      await session.append(0, [letterTokens(500)], undefined, undefined)
      const result = await session.generate(0, { ...greedy, maxTokens: 100 }, undefined, undefined)
      expect(result.reason).toBe('context_full')
      expect(result.tokens).toHaveLength(12)
      expect(session.length(0)).toBe(512)
    })
  })
})

describe('an answer that fails', () => {
  it('leaves its sequence empty and the others as they were', async () => {
    await withTinyEngine(async ({ model, session }) => {
      await session.append(0, [letterTokens(30)], undefined, undefined)
      await session.branch(0, 1)
      // No token may be chosen.
      const endTokens = Int32Array.from({ length: model.vocabularySize }, (_, token) => token)
      const answer = session.generate(1, { ...greedy, minTokens: 1, endTokens }, undefined, undefined)

      await expect(answer).rejects.toMatchObject({ code: 'fatal' })
      expect([session.length(0), session.length(1)]).toEqual([30, 0])
    })
  })
})

describe('the text of an answer', () => {
  it('has whole characters only, though their bytes come one by one', async () => {
    const script = [pieceId('<s>'), pieceId('a'), ...bytesOf('é🙂'), pieceId('b')]
    await withTinyEngine(
      async ({ session }) => {
        await session.append(0, [{ kind: 'tokens', tokens: Int32Array.of(1) }], undefined, undefined)
        const result = await session.generate(0, { ...greedy, maxTokens: 8 }, undefined, (text) => {
          expect(text).not.toContain('\ufffd')
        })
        expect(result.text).toBe('aé🙂b')
      },
      { shape: { ...tinyShape, script } },
    )
  })

  it('shows what can never become a character as one U+FFFD, and an unfinished end too', async () => {
    const script = [
      pieceId('<s>'),
      byteId(0xc3),
      pieceId('a'),
      byteId(0xff),
      pieceId('b'),
      byteId(0xf0),
      byteId(0x9f),
    ]
    await speak(script, {}, (said) => {
      expect(said.text).toBe('\ufffda\ufffdb\ufffd')
    })
  })

  it('leaves control pieces out and keeps user-defined ones', async () => {
    await speak(['a', '<s>', '<frame>', '</s>', 'b'].map(pieceId), {}, (said) => {
      expect(said.text).toBe('<frame>b')
      expect(said.tokens).toHaveLength(4)
    })
  })
})
