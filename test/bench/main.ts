/** `npm run bench -- [name …]`: runs benchmarks one after the other, all when none is named. */
import process from 'node:process'
import { run as branch } from './branch'
import { run as importing } from './import'
import { run as reading } from './reading'
import { run as resize } from './resize'
import { run as responsiveness } from './responsiveness'
import { run as snapshot } from './snapshot'
import { run as tokenizer } from './tokenizer'
import { run as window } from './window'

const benches: Readonly<Record<string, () => Promise<void>>> = {
  reading,
  branch,
  resize,
  import: importing,
  responsiveness,
  tokenizer,
  snapshot,
  window,
}

const names = process.argv.slice(2)
const unknown = names.find((name) => !Object.hasOwn(benches, name))
if (unknown === undefined) {
  for (const name of names.length > 0 ? names : Object.keys(benches)) await benches[name]?.()
} else {
  process.stderr.write(`There is no benchmark "${unknown}". There are: ${Object.keys(benches).join(', ')}.\n`)
  process.exitCode = 2
}
