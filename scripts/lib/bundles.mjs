import { existsSync } from 'node:fs'
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs'
import { SetupError } from './messages.mjs'
import { inRoot, node24 } from './paths.mjs'
import { runCommand } from './run-command.mjs'

/**
 * Entry point, result, and the folders whose files end up in it. `kind` says for whom: Node, Electron's main process,
 * or its sandboxed preload, which must be CommonJS and in one piece. An entry that is not in the tree is left out.
 * @typedef {{ entry: string, output: string, kind: 'node' | 'preload' | 'renderer', inputs: string[] }} Bundle
 * @type {Bundle[]}
 */
export const bundles = [
  { entry: 'app/host/cli/main.ts', output: 'build/cli.js', kind: 'node', inputs: ['app'] },
  { entry: 'app/engine/engine-process.ts', output: 'build/engine-process.js', kind: 'node', inputs: ['app'] },
  {
    entry: 'app/services/media/pixel-worker.ts',
    output: 'build/pixel-worker.js',
    kind: 'node',
    inputs: ['app'],
  },
  { entry: 'main/main.ts', output: 'build/main.js', kind: 'node', inputs: ['app', 'main'] },
  { entry: 'main/preload/preload.ts', output: 'build/preload.cjs', kind: 'preload', inputs: ['app', 'main'] },
  {
    entry: 'renderer/index.html',
    output: 'build/renderer/index.html',
    kind: 'renderer',
    inputs: ['app', 'renderer'],
  },
]

const present = () => bundles.filter(({ entry }) => existsSync(inRoot(entry)))
const stampFile = (/** @type {Bundle} */ bundle) => inRoot(`${bundle.output}.stamp`)
const shared = ['package-lock.json', 'scripts/bundle.mjs', 'scripts/lib/bundles.mjs']

/** One reading of each folder serves all bundles that are made from it. */
function fingerprints() {
  /** @type {Map<string, string>} */
  const known = new Map()
  const of = (/** @type {string} */ path) => {
    const value = known.get(path) ?? fingerprint([inRoot(path)])
    known.set(path, value)
    return value
  }
  return (/** @type {Bundle} */ bundle) => [...shared, ...bundle.inputs].map(of).join('\n')
}

function stale() {
  const wanted = fingerprints()
  return present()
    .map((bundle) => ({ bundle, wanted: wanted(bundle) }))
    .filter(
      ({ bundle, wanted }) => !existsSync(inRoot(bundle.output)) || readStamp(stampFile(bundle)) !== wanted,
    )
}

/** Step 4: the program's JavaScript. Silent: it takes a fraction of a second. */
export const programBundles = {
  isFresh: () => stale().length === 0,

  async run() {
    const todo = stale()
    const outputs = todo.map(({ bundle }) => bundle.output)
    const { code, output } = await runCommand(node24, [inRoot('scripts', 'bundle.mjs'), ...outputs])
    if (code !== 0) {
      process.stderr.write(output)
      throw new SetupError('The program could not be built; what is wrong is above.')
    }
    for (const { bundle, wanted } of todo) writeStamp(stampFile(bundle), wanted)
  },
}
