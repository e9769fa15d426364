import { join } from 'node:path'
import process from 'node:process'
import { createEngineClient } from './engine-client'
import type { EngineControl, EngineVariant } from './engine-client-types'
import { engineLibrariesRoot, installedVariants } from './engine-libraries'
import { probeVariant } from './engine-probe'
import { forkEngine, type EngineSpawn } from './engine-spawn'
import { chooseVariant, forcedVariant } from './engine-variants'

export interface StartEngineOptions {
  /** Folder of the repository, or of the unpacked application: holds `build/` and the engine libraries. */
  readonly appRoot: string
  /** Forces a variant; `LONGLENS_ENGINE_VARIANT` does when this is absent. */
  readonly variant?: EngineVariant | undefined
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Electron's resources folder, when there is one. */
  readonly resourcesPath?: string | undefined
  /** How the process is started: Electron's `utilityProcess` adapter, or by default `fork`. */
  readonly spawn?: EngineSpawn
}

/** The engine with everything found where the set-up puts it. Nothing is started before the first call. */
export function startEngine(options: StartEngineOptions): EngineControl {
  const env = options.env ?? process.env
  const addonPath = join(options.appRoot, 'build', 'native', 'longlens.node')
  const spawn = options.spawn ?? forkEngine(join(options.appRoot, 'build', 'engine-process.js'))
  const choose = async (signal: AbortSignal) =>
    chooseVariant({
      installed: installedVariants(
        engineLibrariesRoot({ appRoot: options.appRoot, env, resourcesPath: options.resourcesPath }),
      ),
      forced: options.variant ?? forcedVariant(env['LONGLENS_ENGINE_VARIANT']),
      probe: ({ variant, folder, libraries, backends }) =>
        probeVariant(
          spawn,
          {
            type: 'start',
            addonPath,
            variant,
            libraries: { folder, libraries: [...libraries], backends: [...backends] },
          },
          { signal },
        ),
    })
  return createEngineClient({ spawn, addonPath, choose })
}
