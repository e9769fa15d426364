import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { machineEnvironment, runCommand } from './run-command.mjs'

/** @typedef {import('./engine-lock-file.mjs').PinnedPackage} PinnedPackage */

/** npm's own settings, so that a mirror, a proxy or a company's certificates work here as they do for npm. */
async function registryOptions() {
  const { code, output } = await runCommand(
    'npm',
    ['config', 'list', '--long', '--json', '--loglevel=error'],
    {
      env: machineEnvironment(),
    },
  )
  const config =
    code === 0 ? /** @type {Record<string, unknown>} */ (JSON.parse(output.slice(output.indexOf('{')))) : {}
  const text = (/** @type {string} */ name) => {
    const value = config[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const cache = text('cache')
  const authorities = text('cafile')
  const options = {
    registry: text('registry'),
    '@node-llama-cpp:registry': text('@node-llama-cpp:registry'),
    cache: cache === undefined ? undefined : join(cache, '_cacache'),
    proxy: text('proxy'),
    httpsProxy: text('https-proxy'),
    noProxy: config.noproxy,
    strictSSL: config['strict-ssl'],
    ca: authorities === undefined ? config.ca : readFileSync(authorities, 'utf8'),
    preferOffline: true,
    // npm's own waits (10 s and more) would leave a person without network staring for a minute.
    fetchRetries: 2,
    fetchRetryFactor: 2,
    fetchRetryMintimeout: 500,
    fetchRetryMaxtimeout: 3_000,
  }
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== null),
  )
}

/** Fetches and unpacks a pinned package with npm's own library, which checks the hash before anything is used. */
export async function registryExtractor() {
  const { default: pacote } = await import('pacote')
  const options = await registryOptions()
  return async (/** @type {PinnedPackage} */ pinned, /** @type {string} */ folder) => {
    await pacote.extract(`${pinned.name}@${pinned.version}`, folder, {
      ...options,
      integrity: pinned.integrity ?? '',
    })
  }
}

/** The hash that the registry states for a version; undefined when it does not have that version. */
export async function registryIntegrity(/** @type {PinnedPackage} */ pinned) {
  const { default: pacote } = await import('pacote')
  try {
    const manifest = await pacote.manifest(`${pinned.name}@${pinned.version}`, await registryOptions())
    return manifest._integrity
  } catch (thrown) {
    if (/** @type {NodeJS.ErrnoException} */ (thrown).code === 'ETARGET') return undefined
    throw thrown
  }
}
