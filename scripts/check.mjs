// `npm run check`: types, lint, format and unit tests.
import { runChecks } from './lib/run-checks.mjs'

await runChecks([['unit']])
