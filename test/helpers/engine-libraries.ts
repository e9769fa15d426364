import { fileURLToPath } from 'node:url'
import {
  engineLibrariesRoot,
  installedVariants,
  type InstalledVariant,
} from '../../app/engine/engine-libraries'
import type { EngineVariant } from '../../app/engine/engine-client-types'

/** The repository's folder, whatever the working directory. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url))

/** The libraries of a variant as the set-up installed them, or undefined when they are not on disk. */
export function findVariant(variant: EngineVariant): InstalledVariant | undefined {
  return installedVariants(engineLibrariesRoot({ appRoot: repositoryRoot })).find(
    (installed) => installed.variant === variant,
  )
}

/** The CPU libraries, which `npm test` always installs. Throws when the set-up has not run. */
export function cpuLibraries(): InstalledVariant {
  const found = findVariant('cpu')
  if (found === undefined)
    throw new Error('expected the CPU engine libraries on disk: run "npm test" or "npm start" once')
  return found
}
