// Reads what training/compare.sh left in a folder: `<architecture>/{language.jsonl,evaluation.json,reading.json}`.
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonLines } from './json-lines.mjs'
import { summaryOf } from './model-card-tables.mjs'

/**
 * @typedef {{ frames: number | null, tasks: Record<string, [right: number, asked: number]> }} Part
 * @typedef {{
 *   frames: number, tokens: number, tokens_per_second: number, frames_per_second: number,
 *   key_value_bytes: number, recurrent_bytes: number, peak_bytes: number,
 * }} Reading
 * @typedef {{ tokens: number, loss: number, tokens_per_second: number }} LogLine
 * @typedef {{
 *   architecture: string, parameters: number, trained_tokens: number, trained_frames: number,
 *   sizes: {
 *     num_hidden_layers: number, intermediate_size: number, attn_layer_period: number, attn_layer_offset: number,
 *   },
 *   parts: Record<string, Part>,
 * }} Evaluation
 * @typedef {{ processor: string, threads: number, load: number, date: string }} Machine
 * @typedef {{ machine: Machine, lengths: Reading[] }} ReadingFile
 * @typedef {{ title: string, evaluation: Evaluation, log: LogLine[], machine: Machine, reading: Reading[] }} Model
 */

/** In the order of every table and colour. */
export const TITLES = { hybrid: 'hybrid', attention: 'attention only', mamba: 'Mamba only' }

/**
 * The three models of a finished comparison.
 * @param {string} folder
 * @returns {Promise<Model[]>}
 */
export async function readComparison(folder) {
  const models = []
  for (const [architecture, title] of Object.entries(TITLES)) {
    const read = (/** @type {string} */ name) => readFile(join(folder, architecture, name), 'utf8')
    const evaluation = /** @type {Evaluation} */ (parse(await read('evaluation.json')))
    const { machine, lengths } = /** @type {ReadingFile} */ (parse(await read('reading.json')))
    const log = /** @type {LogLine[]} */ (await readJsonLines(join(folder, architecture, 'language.jsonl')))
    models.push({ title, evaluation, log, machine, reading: lengths })
  }
  checkAlike(models)
  return models
}

/**
 * The files are this repository's own; a figure of another shape would show in the page.
 * @returns {unknown}
 */
function parse(/** @type {string} */ text) {
  return JSON.parse(text)
}

/**
 * Summaries of `longlens eval … --json` of the hybrid, the one that the program's engine runs; none when it was not asked.
 * @param {string} folder
 */
export async function readEngineResults(folder) {
  const results = join(folder, 'hybrid', 'engine')
  if (!existsSync(results)) return []
  const files = (await readdir(results)).filter((name) => name.endsWith('.jsonl'))
  return await Promise.all(
    files.map(async (name) => summaryOf(await readFile(join(results, name), 'utf8'), join(results, name))),
  )
}

/** Figures of different episodes, or of a comparison that is not finished, must not stand in one table. */
function checkAlike(/** @type {readonly Model[]} */ models) {
  const asked = models.map(({ evaluation }) =>
    JSON.stringify([
      evaluation.trained_tokens,
      Object.entries(evaluation.parts).map(([name, { tasks }]) => [
        name,
        Object.entries(tasks).map(([task, [, count]]) => [task, count]),
      ]),
    ]),
  )
  if (new Set(asked).size > 1) throw new Error('expected three models that were trained and asked alike')
}

/** Minutes that the training took, from the speeds in its log: pauses between two parts of a run do not count. */
export function trainingMinutes(/** @type {readonly LogLine[]} */ log) {
  let before = 0
  let seconds = 0
  for (const { tokens, tokens_per_second: speed } of log) {
    seconds += (tokens - before) / speed
    before = tokens
  }
  return seconds / 60
}

/** Layers of a model by kind. */
export function layersOf(/** @type {Evaluation} */ { sizes }) {
  const attention = Array.from({ length: sizes.num_hidden_layers }, (_, layer) => layer).filter(
    (layer) => layer % sizes.attn_layer_period === sizes.attn_layer_offset,
  ).length
  return { attention, mamba: sizes.num_hidden_layers - attention }
}

/** Frames of the longest videos that all were trained on. */
export function trainedFrames(/** @type {readonly Model[]} */ models) {
  return models[0]?.evaluation.trained_frames ?? 1
}
