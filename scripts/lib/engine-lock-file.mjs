import { SetupError } from './messages.mjs'
import { inRoot, readJson } from './paths.mjs'

/**
 * A registry package, pinned. `integrity` is null where the hash has not been recorded yet: such a package is refused.
 * @typedef {{ name: string, version: string, integrity: string | null }} PinnedPackage
 * @typedef {{ headers: PinnedPackage, platforms: Record<string, Record<string, PinnedPackage>> }} EngineLock
 * @typedef {{ package: PinnedPackage, kind: 'libraries' | 'headers', folder: string }} Wanted
 */

/** The one list of engine packages, by name, version and hash. */
export const engineLockFile = inRoot('engine-libraries.lock.json')

export function readEngineLock(file = engineLockFile) {
  return /** @type {EngineLock} */ (readJson(file))
}

/** The platform's name in the lock file; app/engine/engine-libraries.ts names it the same way. */
export function platformName(platform = process.platform, arch = process.arch) {
  return `${platform === 'darwin' ? 'mac' : platform === 'win32' ? 'win' : platform}-${arch}`
}

/** The variants asked for through the environment, besides the one that always comes. */
export function variantsFromEnvironment(env = process.env) {
  return (env.LONGLENS_ENGINE_VARIANTS ?? '').split(/[\s,]+/).filter((name) => name !== '')
}

/**
 * What has to be on disk: the libraries that every machine of this platform can run, the variants asked for, and the
 * headers. Throws when the platform or a variant has no packages.
 * @param {EngineLock} lock
 * @param {string} platform
 * @param {string[]} variants
 * @returns {Wanted[]}
 */
export function wantedPackages(lock, platform, variants) {
  const offered = lock.platforms[platform]
  if (offered === undefined) {
    const supported = Object.keys(lock.platforms).join(', ')
    throw new SetupError(
      `There are no engine libraries for this platform, ${platform}.`,
      `Supported are: ${supported}.`,
    )
  }
  const standard = offered.cpu === undefined ? 'metal' : 'cpu'
  const packages = [standard, ...variants].map((variant) => {
    const found = variant === 'cpu' ? offered[standard] : offered[variant]
    if (found !== undefined) return found
    throw new SetupError(
      `There is no engine variant "${variant}" for ${platform}.`,
      `Choose among: ${Object.keys(offered).join(', ')}.`,
    )
  })
  return [
    ...[...new Set(packages)].map((pinned) => ({
      package: pinned,
      kind: /** @type {const} */ ('libraries'),
      folder: `${pinned.name.replace(/^.*\//, '')}@${pinned.version}`,
    })),
    { package: lock.headers, kind: 'headers', folder: headersFolder(lock) },
  ]
}

/** Folder name of llama.cpp's headers. */
export function headersFolder(/** @type {EngineLock} */ lock) {
  return `llama-headers@${lock.headers.version}`
}
