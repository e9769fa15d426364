// `npm run bench -- [name …]`: sets up what is missing, then runs the benchmarks of test/bench on Node 24.
import { ensure } from './ensure.mjs'
import { say, tellFailure } from './lib/messages.mjs'
import { inRoot, node24 } from './lib/paths.mjs'
import { runAsChild } from './lib/start-program.mjs'

try {
  await ensure()
  const { build } = await import('esbuild')
  const outdir = inRoot('build', 'bench')
  await build({
    absWorkingDir: inRoot(),
    entryPoints: { bench: 'test/bench/main.ts', 'pixel-worker': 'app/services/media/pixel-worker.ts' },
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  })
  say('figures are worth something only while the machine does nothing else')
  const script = inRoot('build', 'bench', 'bench.js')
  runAsChild(node24, ['--enable-source-maps', script, ...process.argv.slice(2)], process.cwd())
} catch (thrown) {
  tellFailure(thrown)
  process.exitCode = 1
}
