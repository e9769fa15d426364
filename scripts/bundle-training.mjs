// Runs on Node 24, after `npm ci`: bundles what training/ runs on Node (training/data/*.ts with a `main`) into
// build/training/*.mjs; all of it, or what is named: `node scripts/bundle-training.mjs draw-stream`.
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { build } from 'esbuild'
import { inRoot } from './lib/paths.mjs'

const folder = inRoot('training', 'data')
const wanted = process.argv.slice(2)
const names = readdirSync(folder)
  .filter(
    (file) => file.endsWith('.ts') && /^(await )?main\(/mu.test(readFileSync(join(folder, file), 'utf8')),
  )
  .map((file) => basename(file, '.ts'))
  .filter((name) => wanted.length === 0 || wanted.includes(name))

const results = await Promise.allSettled(
  names.map(async (name) => {
    const { outputFiles } = await build({
      absWorkingDir: inRoot(),
      entryPoints: [join(folder, `${name}.ts`)],
      outfile: inRoot('build', 'training', `${name}.mjs`),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      packages: 'external',
      sourcemap: true,
      logLevel: 'warning',
      write: false,
    })
    // Under a temporary name first: a generator that starts meanwhile finds the old file or the new one.
    for (const { path, contents } of outputFiles) {
      const temporary = `${path}.${process.pid}`
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(temporary, contents)
      renameSync(temporary, path)
    }
  }),
)
// esbuild has already printed what is wrong, with file and line.
if (results.some(({ status }) => status === 'rejected')) process.exitCode = 1
