import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { spawn } from 'node:child_process'
import { inRoot, node24, readJson } from './paths.mjs'
import { ENDING_SIGNALS, isInstalled, runCommand } from './run-command.mjs'

/** @typedef {import('./test-results.mjs').Results} Results */

/** Tests and tools must meet Node 24, whatever started us. */
const environment = {
  ...process.env,
  PATH: `${inRoot('node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`,
}

const tool = (/** @type {string} */ name, /** @type {string} */ path, /** @type {string[]} */ args) => ({
  name,
  command: node24,
  args: [inRoot('node_modules', ...path.split('/')), ...args],
})

/** The C++ files, for clang-format. */
export function nativeFiles() {
  const folder = inRoot('native')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(cpp|h)$/.test(file))
    .map((file) => join(folder, file))
}

/**
 * Types, lint and format: each counts as one. Two at a time, each one's words in one piece.
 * @returns {Promise<Results>}
 */
export async function runStaticChecks() {
  const cache = inRoot('.cache', 'checks')
  const checks = [
    tool('types', 'typescript/bin/tsc', ['-b']),
    tool('lint', 'eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
    tool('format', 'prettier/bin/prettier.cjs', [
      '--check',
      '--log-level',
      'warn',
      '--cache',
      '--cache-location',
      join(cache, 'prettier'),
      '.',
    ]),
  ]
  /** @type {Results} */
  const results = { passed: 0, failed: 0, failures: [], skipped: [] }
  if (await isInstalled('clang-format')) {
    checks.push({
      name: 'format of C++',
      command: 'clang-format',
      args: ['--dry-run', '-Werror', ...nativeFiles()],
    })
  } else {
    results.skipped.push({ title: 'format of C++', reason: 'clang-format is not installed' })
  }

  const queue = [...checks]
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const { code, output } = await runCommand(check.command, check.args, { env: environment })
      process.stdout.write(
        `${code === 0 ? '✓' : '✗'} ${check.name}\n${code === 0 ? '' : `${output.trimEnd()}\n`}`,
      )
      if (code === 0) results.passed += 1
      else {
        results.failed += 1
        results.failures?.push(check.name)
      }
    }
  }
  await Promise.all([worker(), worker()])
  return results
}

/**
 * Runs vitest projects, their output shown as it comes.
 * @param {string[]} projects
 * @returns {Promise<Results>} one more failure when vitest failed or died without saying which test did
 */
export async function runVitest(projects) {
  const folder = mkdtempSync(join(tmpdir(), 'longlens-test-'))
  const file = join(folder, 'results.json')
  const args = [
    inRoot('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--passWithNoTests',
    '--reporter=default',
    `--reporter=${inRoot('scripts', 'vitest-closing-reporter.mjs')}`,
  ]
  try {
    const code = await runShown(args, { ...environment, LONGLENS_TEST_RESULTS: file })
    if (!existsSync(file)) return { passed: 0, failed: 1, skipped: [] }
    const results = /** @type {Results} */ (readJson(file))
    if (code !== 0 && results.failed === 0) results.failed = 1
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} env @returns {Promise<number>} */
function runShown(args, env) {
  return new Promise((resolve) => {
    const child = spawn(node24, args, { cwd: inRoot(), env, stdio: ['ignore', 'inherit', 'inherit'] })
    // A signal for us alone would leave vitest and its workers behind.
    const passOn = (/** @type {NodeJS.Signals} */ signal) => {
      child.kill(signal)
    }
    const finish = (/** @type {number} */ code) => {
      for (const signal of ENDING_SIGNALS) process.removeListener(signal, passOn)
      resolve(code)
    }
    for (const signal of ENDING_SIGNALS) process.on(signal, passOn)
    child.once('error', () => {
      finish(1)
    })
    child.once('close', (code) => {
      finish(code ?? 1)
    })
  })
}
