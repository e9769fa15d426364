import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { repositoryRoot } from './engine-libraries'

/** The engine process as `npm run build` makes it, from the sources as they are now. */
export interface BuiltEngineProcess {
  readonly entry: string
  remove(): void
}

/** Bundled below `build/`, so that it finds its packages; a folder of its own, since test files run side by side. */
export function buildEngineProcess(): BuiltEngineProcess {
  const build = join(repositoryRoot, 'build')
  mkdirSync(build, { recursive: true })
  const folder = mkdtempSync(join(build, 'test-engine-'))
  const entry = join(folder, 'engine-process.js')
  buildSync({
    entryPoints: [join(repositoryRoot, 'app', 'engine', 'engine-process.ts')],
    outfile: entry,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  })
  return {
    entry,
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
