import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonLines, runInProcess } from '../helpers/cli'
import { hasPyTorch, NEEDS_PYTORCH, PYTHON } from '../helpers/pytorch'

// Written by PyTorch: `python3 -m longlens_training.reference --small --out test/fixtures/pytorch-reference` (training/).
const folder = join(import.meta.dirname, '../fixtures/pytorch-reference')

interface Report {
  readonly pass: boolean
  readonly cases: readonly { name: string; stage: string; maxAbsDiff: number; equal: boolean }[]
}

/** Runs the engine against what PyTorch computed; the largest difference of each case at exact settings. */
async function largestDifferences(from: string): Promise<(name: string) => number> {
  const result = await runInProcess(['verify-golden', from, '--json'])
  const [line] = jsonLines(result)
  const report = line as unknown as Report
  expect({ code: result.code, pass: report.pass }).toEqual({ code: 0, pass: true })
  const tokens = report.cases.filter(({ stage }) => stage.startsWith('greedy tokens'))
  expect(tokens.map(({ equal }) => equal)).toEqual(Array(6).fill(true))
  const exact = report.cases.filter(({ stage }) => !stage.endsWith('product settings'))
  return (name) => Math.max(...exact.filter((one) => one.name === name).map(({ maxAbsDiff }) => maxAbsDiff))
}

describe('a checkpoint that the training code exported', () => {
  it('gives the same logits, greedy tokens and picture features in the engine as in PyTorch', async () => {
    const largest = await largestDifferences(folder)

    for (const name of ['image.logits', 'video.logits', 'text.logits', 'vision.projected']) {
      expect(largest(name), name).toBeLessThan(1e-4)
    }
  })
})

describe.skipIf(!hasPyTorch())(`the committed checkpoint of a trained model (${NEEDS_PYTORCH})`, () => {
  let trained: string

  beforeAll(() => {
    trained = mkdtempSync(join(tmpdir(), 'longlens-trained-'))
  })

  afterAll(() => {
    rmSync(trained, { recursive: true, force: true })
  })

  it('gives the same logits in the engine as in PyTorch', { timeout: 300_000 }, async () => {
    const made = spawnSync(
      PYTHON,
      ['-m', 'longlens_training.reference', '--checkpoint', 'training/checkpoint', '--out', trained],
      { encoding: 'utf8', env: { ...process.env, PYTHONPATH: 'training' } },
    )
    expect(made.status, made.stderr).toBe(0)
    const largest = await largestDifferences(trained)

    for (const name of ['image.logits', 'video.logits', 'text.logits']) {
      expect(largest(name), name).toBeLessThan(1e-3)
    }
  })
})
