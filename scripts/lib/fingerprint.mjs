import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './paths.mjs'

/** Never an input: made by tools, or read by people only. */
const IGNORED = /(^|[\\/])(node_modules|build|dist|\.cache)([\\/]|$)|\.tsbuildinfo$|\.md$/

/**
 * One hash over names and contents of files and of every file in folders. Contents, not times: git sets new times on
 * a switch of branches, and a clone has no old ones.
 * @param {string[]} paths absolute; those that do not exist count as absent
 * @param {string} [extra] anything else the result depends on
 */
export function fingerprint(paths, extra = '') {
  const hash = createHash('sha256').update(extra)
  for (const path of paths)
    for (const file of filesUnder(path)) {
      hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file))
    }
  return hash.digest('hex')
}

/** @returns {string[]} sorted, so that the order of the disk does not matter */
function filesUnder(/** @type {string} */ path) {
  if (!existsSync(path)) return []
  /** @type {import('node:fs').Dirent[]} */
  let entries
  try {
    entries = readdirSync(path, { withFileTypes: true })
  } catch {
    return [path] // a file, not a folder
  }
  return entries
    .map((entry) => ({ entry, full: join(path, entry.name) }))
    .filter(({ full }) => !IGNORED.test(relative(root, full)))
    .sort((a, b) => (a.full < b.full ? -1 : 1))
    .flatMap(({ entry, full }) => (entry.isDirectory() ? filesUnder(full) : entry.isFile() ? [full] : []))
}

/** What a step wrote about its last success; undefined when it never finished. */
export function readStamp(/** @type {string} */ file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Written as a step's last act, and in one piece: a stamp that exists is true. */
export function writeStamp(/** @type {string} */ file, /** @type {string} */ text) {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, text)
  renameSync(temporary, file)
}
