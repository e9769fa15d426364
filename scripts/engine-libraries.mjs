// Runs on Node 24, after `npm ci`: it needs pacote. `install [variant …]` brings pinned packages to disk, `pin` records
// missing hashes in the lock file. Called by ensure.mjs and by people who add a version.
import { writeFileSync } from 'node:fs'
import { announce, installPackages } from './lib/engine-packages.mjs'
import {
  engineLockFile,
  platformName,
  readEngineLock,
  variantsFromEnvironment,
  wantedPackages,
} from './lib/engine-lock-file.mjs'
import { say, SetupError, tellFailure } from './lib/messages.mjs'
import { librariesRoot } from './lib/paths.mjs'
import { registryExtractor, registryIntegrity } from './lib/registry.mjs'

async function install(/** @type {string[]} */ variants) {
  const wanted = wantedPackages(readEngineLock(), platformName(), [...variantsFromEnvironment(), ...variants])
  announce(librariesRoot, wanted)
  await installPackages(librariesRoot, wanted, await registryExtractor())
}

async function pin() {
  const lock = readEngineLock()
  const packages = [
    lock.headers,
    ...Object.values(lock.platforms).flatMap((variants) => Object.values(variants)),
  ]
  for (const pinned of packages.filter(({ integrity }) => integrity === null)) {
    const integrity = await registryIntegrity(pinned)
    if (integrity === undefined)
      say(`the registry has no ${pinned.name} ${pinned.version}; its hash stays open`)
    else pinned.integrity = integrity
  }
  writeFileSync(engineLockFile, `${JSON.stringify(lock, null, 2)}\n`)
}

const [command, ...variants] = process.argv.slice(2)
try {
  if (command === 'install') await install(variants)
  else if (command === 'pin') await pin()
  else throw new SetupError('Expected "install [variant …]" or "pin".')
} catch (thrown) {
  tellFailure(thrown)
  process.exitCode = 1
}
