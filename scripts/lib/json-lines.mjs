import { readFile } from 'node:fs/promises'

/**
 * The values of a log with one JSON text a line. The files are this repository's own: their shape is not checked.
 * @returns {Promise<unknown[]>}
 */
export async function readJsonLines(/** @type {string} */ file) {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  if (lines.length === 0) throw new Error(`${file}: expected lines of a log, got none`)
  return lines.map((line) => /** @type {unknown} */ (JSON.parse(line)))
}
