import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { headerFolders } from './engine-libraries-step.mjs'
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs'
import { say, SetupError } from './messages.mjs'
import { inRoot, readJson } from './paths.mjs'
import { isInstalled, machineEnvironment, runCommand } from './run-command.mjs'

const source = inRoot('native')
const folder = inRoot('build', 'native')
const addon = inRoot('build', 'native', 'longlens.node')
const stampFile = inRoot('build', 'native', '.longlens-built')

const definitions = () => [
  '-DCMAKE_BUILD_TYPE=Release',
  `-DLLAMA_INCLUDE_DIRS=${headerFolders().join(';')}`,
  `-DNODE_API_HEADERS=${inRoot('node_modules', 'node-api-headers', 'include')}`,
  `-DNODE_ADDON_API=${inRoot('node_modules', 'node-addon-api')}`,
]

/** The headers count by version: they are pinned, and their folders are named after it. */
const wanted = () => {
  const packages = ['node-api-headers', 'node-addon-api'].map((name) =>
    readJson(inRoot('node_modules', name, 'package.json')),
  )
  return fingerprint([source], JSON.stringify([definitions(), packages]))
}

/** Step 3: the C++ addon, built when its sources or its flags changed. */
export const nativeAddon = {
  isFresh: () => existsSync(addon) && readStamp(stampFile) === wanted(),

  async run() {
    await checkTools()
    // Taken before building: what is edited meanwhile is built by the next run.
    const fingerprintBefore = wanted()
    say(existsSync(addon) ? 'building the engine addon …' : 'building the engine addon (a minute or two) …')
    await mkdir(folder, { recursive: true })
    await configure()
    const built = await cmake(['--build', folder, '--parallel', String(availableParallelism())])
    if (built.code !== 0) fail('The engine addon does not compile.', built.output)
    writeStamp(stampFile, fingerprintBefore)
  },
}

async function checkTools() {
  const missing = []
  if (!(await isInstalled('cmake'))) missing.push('cmake')
  if (process.platform !== 'win32') {
    if (!(await isInstalled(process.env.CXX ?? 'c++'))) missing.push('a C++ compiler')
    if (!(await isInstalled('make')) && !(await isInstalled('ninja'))) missing.push('make')
  }
  if (missing.length === 0) return
  /** @type {Record<string, string>} */
  const remedies = {
    darwin: 'Install them: "xcode-select --install" for the compiler, "brew install cmake" for cmake.',
    win32: 'Install the Visual Studio Build Tools with "Desktop development with C++"; they bring cmake.',
  }
  throw new SetupError(
    `The engine addon cannot be built: ${missing.join(', ')} not found.`,
    remedies[process.platform] ??
      'Install them (Debian: apt install cmake g++ make) and run the same command again.',
  )
}

/** A build folder that was moved, or made by another generator, cannot be configured again: it is then remade. */
async function configure() {
  const args = ['-S', source, '-B', folder, ...definitions()]
  const first = await cmake(args)
  if (first.code === 0) return
  if (!/CMakeCache\.txt/.test(first.output)) {
    fail('The build of the engine addon could not be configured.', first.output)
  }
  rmSync(inRoot('build', 'native', 'CMakeCache.txt'), { force: true })
  rmSync(inRoot('build', 'native', 'CMakeFiles'), { recursive: true, force: true })
  const second = await cmake(args)
  if (second.code !== 0) fail('The build of the engine addon could not be configured.', second.output)
}

/** @param {string[]} args */
const cmake = (args) => runCommand('cmake', args, { env: machineEnvironment() })

/** @returns {never} */
function fail(/** @type {string} */ what, /** @type {string} */ output) {
  const log = inRoot('build', 'native', 'build.log')
  writeFileSync(log, output)
  const errors = output.split('\n').filter((line) => line.trim() !== '')
  process.stderr.write(`${errors.slice(-40).join('\n')}\n`)
  throw new SetupError(what, `Everything that was said is in ${log}.`)
}
