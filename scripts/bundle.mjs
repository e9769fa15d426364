// Runs on Node 24, after `npm ci`: builds the bundles named by their output files (see lib/bundles.mjs).
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { build } from 'esbuild'
import { bundles } from './lib/bundles.mjs'
import { inRoot } from './lib/paths.mjs'

/** @typedef {import('./lib/bundles.mjs').Bundle} Bundle */

async function buildScript(/** @type {Bundle} */ bundle) {
  const isPreload = bundle.kind === 'preload'
  const { outputFiles } = await build({
    absWorkingDir: inRoot(),
    entryPoints: [bundle.entry],
    outfile: inRoot(bundle.output),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: isPreload ? 'cjs' : 'esm',
    // Packages stay where npm put them: sharp brings native parts, and Electron packs node_modules anyway.
    ...(isPreload ? { external: ['electron'] } : { packages: 'external' }),
    sourcemap: true,
    logLevel: 'warning',
    write: false,
  })
  // Under a temporary name first: a program that starts meanwhile finds the old file or the new one.
  for (const file of outputFiles) {
    await mkdir(dirname(file.path), { recursive: true })
    const temporary = `${file.path}.${process.pid}`
    await writeFile(temporary, file.contents)
    await rename(temporary, file.path)
  }
}

async function buildRenderer(/** @type {Bundle} */ bundle) {
  const vite = await import('vite')
  await vite.build({
    root: inRoot(dirname(bundle.entry)),
    build: { outDir: inRoot(dirname(bundle.output)), emptyOutDir: true },
    logLevel: 'warn',
  })
}

const wanted = new Set(process.argv.slice(2))
try {
  for (const bundle of bundles.filter(({ output }) => wanted.has(output))) {
    await (bundle.kind === 'renderer' ? buildRenderer(bundle) : buildScript(bundle))
  }
} catch (thrown) {
  // esbuild has already printed what is wrong, with file and line.
  if (!(thrown instanceof Error && 'errors' in thrown)) process.stderr.write(`${String(thrown)}\n`)
  process.exitCode = 1
}
