import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { hasPyTorch, NEEDS_PYTORCH, PYTHON } from '../helpers/pytorch'

describe.skipIf(!hasPyTorch())(`training in Python (${NEEDS_PYTORCH})`, () => {
  it(
    'passes its own tests: scan, model, optimiser, streams, checkpoints, export',
    { timeout: 600_000 },
    () => {
      const run = spawnSync(PYTHON, ['-m', 'unittest', '--quiet'], { cwd: 'training', encoding: 'utf8' })

      expect(run.stderr).toMatch(/Ran \d+ tests/)
      expect(run.stderr.trim().split('\n').at(-1)).toMatch(/^OK/)
      expect(run.status).toBe(0)
    },
  )
})
