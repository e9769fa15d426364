import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { say } from './messages.mjs'
import { inRoot, node24 } from './paths.mjs'
import { machineEnvironment, runCommand } from './run-command.mjs'

/** Electron's npm package brings no program; its install.js fetches one of about 110 MB, checked against its hash. */
const packageFolder = inRoot('node_modules', 'electron')
const DOWNLOADS = 'https://github.com/electron/electron/releases/download/'
const REACH_MS = 4_000

/**
 * Electron's program, fetched if it can be; otherwise why there is none, as the end of a sentence.
 * @returns {Promise<{ program: string } | { reason: string }>}
 */
export async function findElectron(env = process.env) {
  const installed = installedElectron(packageFolder)
  if (installed === undefined) {
    const reason = await fetchElectron(env)
    if (reason !== undefined) return { reason }
  }
  const program = installed ?? installedElectron(packageFolder)
  if (program === undefined) return { reason: 'what was fetched is not complete' }
  if (!hasDisplay(process.platform, env)) return { reason: 'there is no display' }
  return { program }
}

/** Where the package says that its program lies; undefined while it has none. */
export function installedElectron(/** @type {string} */ folder) {
  try {
    const program = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'))
    return existsSync(program) ? program : undefined
  } catch {
    return undefined
  }
}

/** @param {string} platform @param {NodeJS.ProcessEnv} env */
export function hasDisplay(platform, env) {
  return platform !== 'linux' || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY)
}

/** @returns {Promise<string | undefined>} why it could not be fetched; undefined when it was */
async function fetchElectron(/** @type {NodeJS.ProcessEnv} */ env) {
  // Without a display it could not be used: not worth the download.
  if (!hasDisplay(process.platform, env)) return 'its program is not installed, and there is no display'
  const from = downloadHost(env)
  if (from !== undefined && !(await canReach(from, REACH_MS))) return `${from} cannot be reached to fetch it`
  say('fetching Electron (about 110 MB, once) …')
  const { code } = await runCommand(node24, [join(packageFolder, 'install.js')], {
    env: machineEnvironment(),
  })
  return code === 0 ? undefined : 'its program could not be fetched'
}

/** The host to ask first; undefined where a proxy or a mirror decides, and only the download itself can tell. */
export function downloadHost(/** @type {NodeJS.ProcessEnv} */ env) {
  const isIndirect = Object.entries(env).some(
    ([name, value]) =>
      Boolean(value) && /^(https?_proxy|electron_get_use_proxy|(npm_config_)?electron_.*mirror)$/i.test(name),
  )
  return isIndirect ? undefined : new URL(DOWNLOADS).hostname
}

/** A network that drops packets would otherwise keep everybody waiting for minutes. */
function canReach(/** @type {string} */ host, /** @type {number} */ limitMs) {
  return new Promise((/** @type {(answer: boolean) => void} */ resolve) => {
    const socket = connect({ host, port: 443, timeout: limitMs })
    const finish = (/** @type {boolean} */ answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => {
      finish(true)
    })
    socket.once('timeout', () => {
      finish(false)
    })
    socket.once('error', () => {
      finish(false)
    })
  })
}
