import { existsSync } from 'node:fs'
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs'
import { say, SetupError } from './messages.mjs'
import { inRoot, node24 } from './paths.mjs'
import { machineEnvironment, runCommand } from './run-command.mjs'

/** Inside node_modules on purpose: `npm ci` deletes it first, so an interrupted install is never taken for done. */
const stampFile = inRoot('node_modules', '.longlens-installed')
const wanted = () => fingerprint([inRoot('package-lock.json')], `${process.platform} ${process.arch}`)

/** Step 1: node_modules as package-lock.json says, with Node 24 in it. */
export const dependencies = {
  isFresh: () => existsSync(node24) && readStamp(stampFile) === wanted(),

  async run() {
    say('installing the dependencies (half a minute, more on a slow connection) …')
    const offline = await isOffline()
    const wayToFetch = offline ? '--offline' : '--prefer-offline'
    const npm = await runCommand('npm', ['ci', wayToFetch, '--no-audit', '--no-fund', '--loglevel=error'], {
      env: machineEnvironment(),
    })
    if (npm.code === -1) throw new SetupError('npm was not found.', 'Install it (Debian: apt install npm).')
    if (npm.code !== 0 && offline) {
      throw new SetupError(
        'The dependencies could not be installed: the registry cannot be reached, and npm has not kept them all.',
        'Connect to the network and run the same command again; it starts clean. They are needed only once.',
      )
    }
    if (npm.code !== 0) {
      process.stderr.write(npm.output)
      throw new SetupError(
        `The dependencies could not be installed: npm stopped with code ${npm.code}; its words are above.`,
        'Check the network connection and the free disk space, then run the same command again; it starts clean.',
      )
    }
    await ensureNode24()
    writeStamp(stampFile, wanted())
  },
}

/** Asked once, because npm itself would wait and try again for each of some hundred packages: two minutes of silence. */
async function isOffline() {
  const { code, output } = await runCommand('npm', ['ping', '--fetch-retries=0', '--loglevel=error'], {
    env: machineEnvironment(),
  })
  return code !== 0 && /EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ENETUNREACH/.test(output)
}

/**
 * The package `node` brings its program by an install script. npm leaves scripts out when `ignore-scripts` is set or
 * when a newer npm wants each one approved, so the script is run here if its result is missing.
 */
async function ensureNode24() {
  if (await isNode24()) return
  const repaired = await runCommand('node', ['installArchSpecificPackage.js'], {
    cwd: inRoot('node_modules', 'node'),
    env: { ...machineEnvironment(), npm_config_loglevel: 'error', npm_config_prefer_offline: 'true' },
  })
  if (await isNode24()) return
  process.stderr.write(repaired.output)
  throw new SetupError(
    'Node 24 could not be installed: the install script of the package "node" did not bring its program.',
    'Check the network connection, then run the same command again.',
  )
}

async function isNode24() {
  const { code, output } = await runCommand(node24, ['--version'])
  return code === 0 && output.startsWith('v24.')
}
