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

/** Runs the engine against what PyTorch computed: whether all passed, and the largest difference of each case at exact settings. */
async function compared(from: string): Promise<{ pass: boolean; largest: (name: string) => number }> {
  const [line] = jsonLines(await runInProcess(['verify-golden', from, '--json']))
  const report = line as unknown as Report
  const tokens = report.cases.filter(({ stage }) => stage.startsWith('greedy tokens'))
  expect(tokens.map(({ equal }) => equal)).toEqual(Array(6).fill(true))
  const exact = report.cases.filter(({ stage }) => !stage.endsWith('product settings'))
  const largest = (name: string) =>
    Math.max(...exact.filter((one) => one.name === name).map(({ maxAbsDiff }) => maxAbsDiff))
  return { pass: report.pass, largest }
}

describe('a checkpoint that the training code exported', () => {
  it('gives the same logits, greedy tokens and picture features in the engine as in PyTorch', async () => {
    const { pass, largest } = await compared(folder)

    expect(pass).toBe(true)
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
    const { largest } = await compared(trained)

    // Features of the trained tower reach 33, so float32 rounds them coarser than verify-golden's 1e-4 allows.
    for (const name of [
      'image.logits',
      'video.logits',
      'text.logits',
      'vision.features',
      'vision.projected',
    ]) {
      expect(largest(name), name).toBeLessThan(1e-3)
    }
  })
})
