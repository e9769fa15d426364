import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readModelFolder } from '../../app/services/models/model-folder'
import { hasPyTorch, NEEDS_PYTORCH } from '../helpers/pytorch'

/** Of a reply token that is guessed among the 2,048 of the vocabulary; learning must get well below. */
const GUESSING_LOSS = Math.log(2048)

const heldOut = z.object({ held_out: z.object({ naming_loss: z.number(), color: z.number() }) })
const languageLine = z.object({ phase: z.string(), loss: z.number(), tokens: z.number() })

function linesOf<T>(file: string, schema: z.ZodType<T>): T[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => schema.safeParse(JSON.parse(line)).data ?? [])
}

describe.skipIf(!hasPyTorch())(`a training run in little (${NEEDS_PYTORCH})`, () => {
  let run: string

  beforeAll(() => {
    run = mkdtempSync(join(tmpdir(), 'longlens-training-'))
    const made = spawnSync('bash', ['training/run.sh', 'smoke', run], { encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`training/run.sh smoke failed:\n${made.stderr.slice(-4000)}`)
  }, 900_000)

  afterAll(() => {
    rmSync(run, { recursive: true, force: true })
  })

  it('teaches the tower to name what cells show', () => {
    const [first, last] = linesOf(join(run, 'tower.jsonl'), heldOut)

    expect(last?.held_out.naming_loss).toBeLessThan(first?.held_out.naming_loss ?? 0)
    expect(last?.held_out.naming_loss).toBeLessThan(0.5 * GUESSING_LOSS)
  })

  it('teaches the language model in each of its three stages', () => {
    const lines = linesOf(join(run, 'language.jsonl'), languageLine)
    const lossesOf = (phase: string) => lines.filter((line) => line.phase === phase).map(({ loss }) => loss)

    expect(lossesOf('1 alignment').at(-1)).toBeLessThan(0.6 * GUESSING_LOSS)
    expect(lossesOf('2 single').at(-1)).toBeLessThan(0.35 * GUESSING_LOSS)
    expect(lossesOf('3 multi').at(-1)).toBeLessThan(0.35 * GUESSING_LOSS)
  })

  it('ends with a model folder that the program reads', async () => {
    const { description } = await readModelFolder(join(run, 'model'))

    expect(description.vision.tokensPerImage).toBe(25)
    expect(description.prompt.video.labelPlace).toBe('before')
  })

  it(
    'compares the three architectures on its tower and bank, and writes the report',
    { timeout: 600_000 },
    () => {
      const made = spawnSync('bash', ['training/compare.sh', run, 'smoke'], { encoding: 'utf8' })
      if (made.status !== 0) throw new Error(`training/compare.sh smoke failed:\n${made.stderr.slice(-4000)}`)

      const logs = ['hybrid', 'attention', 'mamba'].map((name) =>
        linesOf(join(run, 'compare', name, 'language.jsonl'), languageLine),
      )
      for (const log of logs) expect(log.at(-1)?.loss).toBeLessThan(0.9 * (log[0]?.loss ?? 0))
      // The same episodes: the losses differ, the tokens do not.
      expect(new Set(logs.map((log) => log.map(({ tokens }) => tokens).join())).size).toBe(1)
      const report = readFileSync(join(run, 'compare', 'report', 'architecture-comparison.md'), 'utf8')
      expect(report).toMatch(/\| 16 frames, longer than in training \| \d+ +\| \d+ %/)
      // The convolution's part of the state is bfloat16 or float32, whichever the processor multiplies faster.
      expect(report).toMatch(/\| 20 +\| 600 +\| Mamba only .*\| 0 +\| 0\.(29|31) MB/)
    },
  )
})
