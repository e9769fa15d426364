import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** A path inside the repository. */
export const inRoot = (/** @type {string[]} */ ...parts) => join(root, ...parts)

/** Node 24, as the dependency `node` brings it: the system's Node may be 20. */
export const node24 = inRoot(
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

/** Where the prebuilt engine libraries lie; app/engine/engine-libraries.ts looks in the same place. */
export const librariesRoot = process.env.LONGLENS_ENGINE_LIBRARIES || inRoot('.cache', 'engine-libraries')

/** What a JSON file of ours holds; its writer is in this repository, so its shape is known, not checked. */
export function readJson(/** @type {string} */ file) {
  return /** @type {unknown} */ (JSON.parse(readFileSync(file, 'utf8')))
}
