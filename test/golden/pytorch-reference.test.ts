import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonLines, runInProcess } from '../helpers/cli'

// Written by PyTorch: `python3 -m longlens_training.reference --small --out test/fixtures/pytorch-reference` (training/).
const folder = join(import.meta.dirname, '../fixtures/pytorch-reference')

interface Report {
  readonly pass: boolean
  readonly cases: readonly { name: string; stage: string; maxAbsDiff: number; equal: boolean }[]
}

describe('a checkpoint that the training code exported', () => {
  it('gives the same logits, greedy tokens and picture features in the engine as in PyTorch', async () => {
    const result = await runInProcess(['verify-golden', folder, '--json'])
    const [line] = jsonLines(result)
    const report = line as unknown as Report

    expect({ code: result.code, pass: report.pass }).toEqual({ code: 0, pass: true })
    const exact = report.cases.filter(({ stage }) => !stage.endsWith('product settings'))
    const largest = (name: string) =>
      Math.max(...exact.filter((one) => one.name === name).map(({ maxAbsDiff }) => maxAbsDiff))
    for (const name of ['image.logits', 'video.logits', 'text.logits', 'vision.projected']) {
      expect(largest(name), name).toBeLessThan(1e-4)
    }
    const tokens = report.cases.filter(({ stage }) => stage.startsWith('greedy tokens'))
    expect(tokens.map(({ equal }) => equal)).toEqual(Array(6).fill(true))
  })
})
