import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Everything that is built lies beside main.js: in `build/` of the repository, or inside the packaged archive. */
const folder = dirname(fileURLToPath(import.meta.url))

export const builtFiles = {
  preload: join(folder, 'preload.cjs'),
  engineProcess: join(folder, 'engine-process.js'),
  windowFolder: join(folder, 'renderer'),
}
