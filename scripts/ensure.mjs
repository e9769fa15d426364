// Brings everything that the program needs to the state that the repository describes. Runs on Node 20 with no
// package installed; the steps that need packages run as children on the Node 24 that the first step brings.
import { programBundles } from './lib/bundles.mjs'
import { dependencies } from './lib/dependencies.mjs'
import { engineLibraries, installEngineLibraries } from './lib/engine-libraries-step.mjs'
import { say } from './lib/messages.mjs'
import { nativeAddon } from './lib/native-addon.mjs'
import { inRoot } from './lib/paths.mjs'
import { acquireSetupLock } from './lib/setup-lock.mjs'

/** In this order: each step needs the ones before it. */
const steps = [dependencies, engineLibraries, nativeAddon, programBundles]

/**
 * Installs what is missing and builds what is out of date; says nothing and changes nothing when all is well.
 * Two processes that call it at once take turns. Throws SetupError with a text for people.
 */
export async function ensure() {
  if (steps.every((step) => step.isFresh())) return
  await withSetupLock(async () => {
    for (const step of steps) if (!step.isFresh()) await step.run()
  })
}

/** Fetches further engine variants, e.g. `vulkan`: `longlens engine install vulkan`. */
export async function installVariants(/** @type {string[]} */ variants) {
  await withSetupLock(() => installEngineLibraries(variants))
}

async function withSetupLock(/** @type {() => Promise<void>} */ work) {
  const release = await acquireSetupLock(inRoot('.cache', 'setup.lock'), {
    onWait: (pid) => {
      say(`waiting for another set-up to finish (process ${pid}) …`)
    },
  })
  try {
    await work()
  } finally {
    release()
  }
}
