// Runs on Node 24, after `npm ci`: bundles what training/ runs on Node (training/data/*.ts that have a `main`) into
// build/training/*.mjs.
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { inRoot } from './lib/paths.mjs'

const folder = inRoot('training', 'data')
const entryPoints = readdirSync(folder)
  .filter(
    (file) => file.endsWith('.ts') && /^(await )?main\(/mu.test(readFileSync(join(folder, file), 'utf8')),
  )
  .map((file) => ({ in: join(folder, file), out: basename(file, '.ts') }))

await build({
  absWorkingDir: inRoot(),
  entryPoints,
  outdir: inRoot('build', 'training'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
})
