// Runs on Node 24, after `npm ci`: draws the samples of the bundled model into a folder (training/data/samples/).
//   node scripts/make-samples.mjs models/longlens-tiny/sample
import { spawnSync } from 'node:child_process'
import { inRoot, root } from './lib/paths.mjs'

const run = (/** @type {string[]} */ ...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

run(inRoot('scripts', 'bundle-training.mjs'), 'make-samples')
run(inRoot('build', 'training', 'make-samples.mjs'), ...process.argv.slice(2))
