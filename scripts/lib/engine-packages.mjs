import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { say, SetupError } from './messages.mjs'
import { readJson } from './paths.mjs'
import { machineEnvironment, runCommand } from './run-command.mjs'

/**
 * @typedef {import('./engine-lock-file.mjs').Wanted} Wanted
 * @typedef {import('./engine-lock-file.mjs').PinnedPackage} PinnedPackage
 * @typedef {(pinned: PinnedPackage, folder: string) => Promise<void>} Extract puts the package's files into a folder
 *   after checking its hash
 */

const TEMPORARY = '.part-'
const SOURCE = 'source.json'

/** Whether a package lies in its folder, complete and from the pinned source. */
export function isInstalledPackage(/** @type {string} */ root, /** @type {Wanted} */ wanted) {
  try {
    const source = /** @type {PinnedPackage} */ (readJson(join(root, wanted.folder, SOURCE)))
    return source.name === wanted.package.name && source.integrity === wanted.package.integrity
  } catch {
    return false
  }
}

/**
 * Brings packages to disk, one folder each. A folder appears under its name only when it is complete; what an
 * interrupted run left is removed first. The caller holds the set-up lock.
 * @param {string} root
 * @param {Wanted[]} wanted
 * @param {Extract} extract
 */
export async function installPackages(root, wanted, extract) {
  await mkdir(root, { recursive: true })
  for (const name of await readdir(root)) {
    if (name.startsWith(TEMPORARY)) await rm(join(root, name), { recursive: true, force: true })
  }
  for (const item of wanted) {
    if (isInstalledPackage(root, item)) continue
    const { name, version, integrity } = item.package
    if (integrity === null) {
      throw new SetupError(
        `The hash of ${name} ${version} is not recorded in engine-libraries.lock.json, so it cannot be trusted.`,
        'Run "node scripts/engine-libraries.mjs pin" where the registry can be reached, and commit the file.',
      )
    }
    const temporary = join(root, `${TEMPORARY}${process.pid}-${item.folder}`)
    try {
      await buildFolder(item, temporary, extract)
      await writeFile(join(temporary, SOURCE), `${JSON.stringify(item.package, null, 2)}\n`)
      replaceFolder(temporary, join(root, item.folder))
    } catch (thrown) {
      throw explain(thrown, item.package)
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  }
  removeOtherVersions(root, wanted)
}

/** @param {Wanted} item @param {string} folder @param {Extract} extract */
async function buildFolder(item, folder, extract) {
  const unpacked = join(folder, 'unpacked')
  await mkdir(unpacked, { recursive: true })
  await extract(item.package, unpacked)
  if (item.kind === 'headers') await takeHeaders(unpacked, folder)
  else await takeLibraries(item.package, unpacked, folder)
  await rm(unpacked, { recursive: true })
}

/** Shared libraries and the licence; the other project's own addon and its tool library are left out. */
async function takeLibraries(
  /** @type {PinnedPackage} */ pinned,
  /** @type {string} */ unpacked,
  /** @type {string} */ folder,
) {
  const bins = join(unpacked, 'bins')
  const [build] = existsSync(bins) ? await readdir(bins) : []
  const files = build === undefined ? [] : await readdir(join(bins, build))
  const libraries = files.filter(
    (file) => /\.(so|dylib|dll|lib)$/.test(file) && !/llama-(addon|common)\./.test(file),
  )
  if (build === undefined || libraries.length === 0) {
    throw new SetupError(`The package ${pinned.name} ${pinned.version} holds no libraries.`)
  }
  for (const file of libraries) await rename(join(bins, build, file), join(folder, file))
  await copyFile(join(unpacked, 'LICENSE'), join(folder, 'LICENSE'))
}

/** llama.cpp's source comes as a git bundle; only the headers that native/ includes are checked out. */
async function takeHeaders(/** @type {string} */ unpacked, /** @type {string} */ folder) {
  const repository = join(unpacked, 'llama.git')
  const env = Object.fromEntries(
    Object.entries(machineEnvironment()).filter(([name]) => !name.startsWith('GIT_')),
  )
  const clone = ['clone', '--quiet', '--bare', join(unpacked, 'llama', 'gitRelease.bundle'), repository]
  const paths = ['include', 'ggml/include', ':(glob)ggml/src/*.h', 'LICENSE']
  const checkout = [
    `--git-dir=${repository}`,
    `--work-tree=${folder}`,
    'checkout',
    '--quiet',
    'HEAD',
    '--',
    ...paths,
  ]
  for (const args of [clone, checkout]) {
    const git = await runCommand('git', args, { cwd: folder, env })
    if (git.code === -1) throw new SetupError('git was not found.', 'Install it (Debian: apt install git).')
    if (git.code !== 0)
      throw new SetupError(`The source of llama.cpp could not be unpacked: ${git.output.trim()}`)
  }
}

/** A rename cannot replace a folder that has something in it. Programs that have the old files open keep them. */
function replaceFolder(/** @type {string} */ made, /** @type {string} */ target) {
  rmSync(target, { recursive: true, force: true })
  renameSync(made, target)
}

/** After a change of the pinned version the old one would only be found by mistake. */
function removeOtherVersions(/** @type {string} */ root, /** @type {Wanted[]} */ wanted) {
  const builds = new Map(wanted.map(({ folder }) => [folder.slice(0, folder.lastIndexOf('@')), folder]))
  for (const name of readdirSync(root)) {
    const current = builds.get(name.slice(0, name.lastIndexOf('@')))
    if (current !== undefined && current !== name) rmSync(join(root, name), { recursive: true, force: true })
  }
}

const OFFLINE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENETUNREACH',
  'ENOTCACHED',
  'ERR_SOCKET_TIMEOUT',
])

/** What a failed fetch means for the person, with the next step. */
function explain(/** @type {unknown} */ thrown, /** @type {PinnedPackage} */ pinned) {
  if (thrown instanceof SetupError) return thrown
  const error = /** @type {NodeJS.ErrnoException} */ (thrown)
  const name = `${pinned.name} ${pinned.version}`
  const cause = { cause: thrown }
  if (error.code === 'EINTEGRITY') {
    return new SetupError(
      `The package ${name} is not the one that was pinned: its hash differs. It was not used.`,
      'Run the same command again; if it happens twice, something between here and the registry changes files.',
      cause,
    )
  }
  if (OFFLINE.has(error.code ?? '')) {
    return new SetupError(
      `The package ${name} could not be fetched: the registry cannot be reached (${error.code}).`,
      'Connect to the network and run the same command again; it starts clean. It is needed only once.',
      cause,
    )
  }
  if (error.code === 'ENOSPC') {
    return new SetupError(
      `There is no room on the disk for ${name}.`,
      'Free some space and run the same command again.',
      cause,
    )
  }
  return new SetupError(
    `The package ${name} could not be fetched: ${error.message}`,
    'Run the same command again; it starts clean.',
    cause,
  )
}

/** Tells what will be fetched, and that the large ones take a while. */
export function announce(/** @type {string} */ root, /** @type {Wanted[]} */ wanted) {
  const missing = wanted.filter((item) => !isInstalledPackage(root, item))
  if (missing.length > 0) {
    say(`fetching the engine libraries (${missing.map((item) => item.package.name).join(', ')}) …`)
  }
}
