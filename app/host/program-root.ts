import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder that holds the program's own files (bundled model, built engine): the nearest folder above this file
 * with a `models/longlens-tiny`. The same from the sources, from `build/`, and inside a packaged app.
 */
export function programRoot(start: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'models')) && existsSync(join(folder, 'package.json'))) return folder
    if (dirname(folder) === folder) throw new Error(`no folder above ${start} holds package.json and models/`)
  }
}

export function bundledModelFolder(): string {
  return join(programRoot(), 'models', 'longlens-tiny')
}
