import { join } from 'node:path'
import { expect, it } from 'vitest'
import { largestDifference } from '../helpers/largest-difference'
import { tinyShape, writeTinyModel, type TinyModelShape } from '../helpers/tiny-model'
import { withFolder } from '../helpers/tiny-model-engine'
import { runTinyModel, type RunOptions } from '../helpers/tiny-model-run'

/** Queries in groups of four, so many tokens that both threads have work, and a last chunk of cells that is not full. */
const shape: TinyModelShape = { ...tinyShape, width: 256, kvHeads: [0, 2, 0, 2] }
const usual = { contextTokens: 2048, batchTokens: 512 }
const length = 1100
const flash = { ...usual, flashAttention: true, cacheType: 'f16' } as const

for (const [kernel, label] of [
  ['on', 'AVX-512'],
  ['avx2', 'AVX2'],
] as const) {
  it(`our ${label} attention is nearer to 32-bit attention than ggml's, on one thread and on two`, async (context) => {
    await withFolder(async (folder) => {
      await writeTinyModel(join(folder, 'language.gguf'), shape)
      const run = (attention: string, session: RunOptions['session']) =>
        runTinyModel(folder, { env: { LONGLENS_ATTENTION: attention }, session: { ...session }, length })
      const exact = await run('off', { ...usual, flashAttention: false, cacheType: 'f32' })
      const theirs = await run('off', flash)
      const ours = await run(kernel, flash)
      const onTwo = await run(kernel, { ...flash, threads: 2 })
      expect(theirs.systemInfo).not.toContain('ATTENTION =')
      if (!ours.systemInfo.includes(`ATTENTION = ${label}`)) context.skip(`this processor has no ${label}`)

      const [error, theirError] = [
        largestDifference(ours.logits, exact.logits),
        largestDifference(theirs.logits, exact.logits),
      ]
      console.log(
        `our ${label} attention: ${error.toExponential(1)} from 32 bit, ggml's ${theirError.toExponential(1)}`,
      )
      expect(error).toBeLessThan(theirError)
      // Keys and values are of 16 bit: none at all would mean that our kernel did not run.
      expect(error).toBeGreaterThan(0)
      expect(largestDifference(onTwo.logits, ours.logits)).toBeLessThan(1e-5)
      expect(onTwo.live).toEqual({ models: 0, sessions: 0, visionTowers: 0, pendingJobs: 0 })
    })
  })
}

it('is nearer token by token too, and where branches share the cache', async () => {
  await withFolder(async (folder) => {
    await writeTinyModel(join(folder, 'language.gguf'), shape)
    const run = (attention: string, session: RunOptions['session']) =>
      runTinyModel(folder, {
        env: { LONGLENS_ATTENTION: attention },
        session: { ...session },
        length: 1100,
      })
    const exact = await run('off', { ...usual, flashAttention: false, cacheType: 'f32' })
    for (const batchTokens of [1, 3]) {
      const [ours, theirs] = [
        await run('on', { ...flash, batchTokens }),
        await run('off', { ...flash, batchTokens }),
      ]
      expect(largestDifference(ours.logits, exact.logits)).toBeLessThan(
        largestDifference(theirs.logits, exact.logits) / 4,
      )
    }
  })
})

it.for([
  ['all heads share one key head, so that only tokens can be shared out', 256, 1, 3],
  ['more key heads than parts, the last part a smaller one', 160, 5, 2],
  ['key heads and tokens both shared out', 256, 4, 4],
] as const)(
  'threads share out the work without a change: %s',
  async ([, width, kvHeads, threads], context) => {
    await withFolder(async (folder) => {
      await writeTinyModel(join(folder, 'language.gguf'), {
        ...shape,
        width,
        kvHeads: [0, kvHeads, 0, kvHeads],
      })
      const run = (session: RunOptions['session']) =>
        runTinyModel(folder, { env: { LONGLENS_ATTENTION: 'on' }, session: { ...session }, length: 700 })
      const alone = await run(flash)
      if (!alone.systemInfo.includes('ATTENTION =')) context.skip('this processor has no kernel of ours')
      const together = await run({ ...flash, threads })
      expect(largestDifference(together.logits, alone.logits)).toBeLessThan(1e-5)
    })
  },
)
