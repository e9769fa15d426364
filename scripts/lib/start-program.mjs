import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { inRoot, node24, root } from './paths.mjs'

/** A terminal's Ctrl+C reaches both npm and us, and npm passes it on: within this time it is one key press. */
const SAME_SIGNAL_MS = 250
const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGWINCH'])

/** Where the person typed the command: `npm run` goes to the repository's folder and leaves the first one here. */
export function typedIn(env = process.env, cwd = process.cwd()) {
  const isNpmScript = env.npm_lifecycle_event !== undefined && cwd === root
  return isNpmScript && env.INIT_CWD !== undefined ? env.INIT_CWD : cwd
}

/** Runs the command line with arguments on Node 24: in this process if it is one, else in a child. */
export async function startProgram(/** @type {string[]} */ args) {
  const program = inRoot('build', 'cli.js')
  const folder = typedIn()
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    process.chdir(folder)
    process.setSourceMapsEnabled(true)
    process.argv = [process.argv[0] ?? node24, program, ...args]
    await import(pathToFileURL(program).href)
    return
  }
  runAsChild(node24, ['--enable-source-maps', program, ...args], folder)
}

/**
 * The child leads its own process group, so that a signal reaches it once, from us, and not also from the terminal.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
export function runAsChild(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: 'inherit', detached: process.platform !== 'win32' })
  /** @type {Map<string, number>} */
  const last = new Map()
  /** @type {[NodeJS.Signals, () => void][]} */
  const handlers = FORWARDED.map((signal) => [
    signal,
    () => {
      const now = performance.now()
      if (now - (last.get(signal) ?? -SAME_SIGNAL_MS) < SAME_SIGNAL_MS) return
      last.set(signal, now)
      child.kill(signal)
    },
  ])
  for (const [signal, handler] of handlers) process.on(signal, handler)
  child.once('error', (error) => {
    process.stderr.write(`longlens: the program could not be started: ${error.message}\n`)
    process.exitCode = 1
  })
  child.once('exit', (code, signal) => {
    for (const [name, handler] of handlers) process.removeListener(name, handler)
    if (signal === null) process.exitCode = code ?? 1
    // Ended the way the child ended, so that a shell that waits for us sees the same.
    else process.kill(process.pid, signal)
  })
}
