// Fills docs/architecture-comparison.md from a finished comparison, so that no figure is typed by hand.
// Usage: node scripts/architecture-comparison.mjs training/runs/full/compare [--out docs]
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeCharts } from './lib/comparison-charts.mjs'
import { readComparison, readEngineResults } from './lib/comparison-data.mjs'
import { fillPage } from './lib/comparison-report.mjs'
import { inRoot } from './lib/paths.mjs'

/** The text around the figures, until the page exists and is edited itself. */
const FIRST_PAGE = inRoot('training', 'comparison-page.md')

const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: 'docs' } },
  allowPositionals: true,
})
try {
  const [folder] = positionals
  if (folder === undefined) throw new Error('expected the folder of a comparison: training/runs/full/compare')
  const models = await readComparison(folder)
  const page = join(values.out, 'architecture-comparison.md')
  const before = await readFile(existsSync(page) ? page : FIRST_PAGE, 'utf8')
  const after = fillPage(before, models, await readEngineResults(folder))
  const images = join(values.out, 'images')
  await mkdir(images, { recursive: true })
  for (const { name, content } of makeCharts(models)) await writeFile(join(images, name), content)
  await writeFile(page, after)
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = 1
}
