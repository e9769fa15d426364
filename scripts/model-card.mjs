// Fills the tables of docs/model-card.md from results, so that no figure is typed by hand.
// Usage: node scripts/model-card.mjs [--card docs/model-card.md] results.jsonl…   (of `longlens eval … --json`)
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fillCard, summaryOf } from './lib/model-card-tables.mjs'

const { values, positionals } = parseArgs({
  options: { card: { type: 'string', default: 'docs/model-card.md' } },
  allowPositionals: true,
})
try {
  const summaries = []
  for (const file of positionals) summaries.push(summaryOf(await readFile(file, 'utf8'), file))
  await writeFile(values.card, fillCard(await readFile(values.card, 'utf8'), summaries))
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = 1
}
