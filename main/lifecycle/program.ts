import { app } from 'electron'
import process from 'node:process'
import { composeProgram, type Program } from '../../app/host/compose-program'
import { createServices } from '../../app/host/create-services'
import type { Services } from '../../app/host/services'
import { spawnUtilityEngine } from '../engine/utility-spawn'
import { builtFiles } from './built-files'

export interface RunningProgram {
  readonly engine: Program['engine']
  readonly services: Services
  /** Saves and closes the database, then ends the engine and its helpers. */
  readonly close: () => Promise<void>
}

/** The whole application without its windows. Throws what `createServices` throws. */
export function setupProgram(): RunningProgram {
  const program = composeProgram({
    env: process.env,
    spawn: spawnUtilityEngine(builtFiles.engineProcess),
    resourcesPath: app.isPackaged ? process.resourcesPath : undefined,
  })
  const services = createServices(program.serviceParts)
  return {
    engine: program.engine,
    services,
    close: async () => {
      try {
        await services.close()
      } finally {
        await program.dispose()
      }
    },
  }
}
