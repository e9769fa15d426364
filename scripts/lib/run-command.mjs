import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, sep } from 'node:path'
import { inRoot } from './paths.mjs'

/** Commands that run now. Each leads its own process group, so that ending it ends what it started. */
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
/** What asks a process to end. */
export const ENDING_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/** Ends one command with everything it started. */
function endGroup(/** @type {import('node:child_process').ChildProcess} */ child) {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill()
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended by itself between the check and the kill.
  }
}

/** The set-up's files are all made under temporary names, so ending it at once leaves nothing half-done. */
function endAll(/** @type {NodeJS.Signals} */ signal) {
  for (const child of running) endGroup(child)
  process.exit(128 + constants.signals[signal])
}

/**
 * Runs a command and collects what it says. Nothing reaches the terminal unless `show` is given, and then on stderr.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>} code -1: the command could not be started (not installed)
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? inRoot(),
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      // npm is a .cmd file there, which only a shell can start.
      shell: process.platform === 'win32' && command === 'npm',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (/** @type {string} */ text) => {
        output += text
        if (options.show === true) process.stderr.write(text)
      })
    }
    if (running.size === 0) for (const signal of ENDING_SIGNALS) process.on(signal, endAll)
    running.add(child)
    const finish = (/** @type {number} */ code, /** @type {string} */ reason) => {
      if (!running.delete(child)) return
      if (running.size === 0) for (const signal of ENDING_SIGNALS) process.removeListener(signal, endAll)
      resolve({ code, output: output + reason })
    }
    child.once('error', (error) => {
      finish(-1, error.message)
    })
    child.once('close', (code, signal) => {
      finish(code ?? 1, signal === null ? '' : `ended by ${signal}\n`)
    })
  })
}

/**
 * The environment for npm and other tools of the machine: without the variables that an outer `npm run` sets for its
 * own script, and without node_modules/.bin on PATH (its `node` is being replaced while npm runs).
 */
export function machineEnvironment() {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_(lifecycle|package|command|execpath|node_execpath|config_(loglevel|local_prefix|prefix))/.test(
          name,
        ),
    ),
  )
  delete env.INIT_CWD
  const binaries = `node_modules${sep}.bin`
  env.PATH = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.replace(/[\\/]$/, '').endsWith(binaries))
    .join(delimiter)
  return env
}

/** Whether a command of the machine can be started. */
export async function isInstalled(/** @type {string} */ command) {
  return (await runCommand(command, ['--version'])).code !== -1
}
