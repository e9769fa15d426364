// Draws the curves of docs/model-card.md from the logs of the committed checkpoint, so that no point is typed by hand.
// Usage: node scripts/learning-curves.mjs [--checkpoint training/checkpoint] [--out docs/images]
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeLearningCurves } from './lib/learning-curves.mjs'

const { values } = parseArgs({
  options: {
    checkpoint: { type: 'string', default: 'training/checkpoint' },
    out: { type: 'string', default: 'docs/images' },
  },
})
try {
  await mkdir(values.out, { recursive: true })
  for (const { name, content } of await makeLearningCurves(values.checkpoint)) {
    await writeFile(join(values.out, name), content)
  }
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = 1
}
