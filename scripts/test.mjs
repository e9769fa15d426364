// `npm test`: sets up what is missing, then everything: check, and the tests that need the addon, ffmpeg or a browser.
import { runChecks } from './lib/run-checks.mjs'

await runChecks([['unit'], ['integration', 'e2e']])
