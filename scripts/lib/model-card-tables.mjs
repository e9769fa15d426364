// Turns the summaries of `longlens eval --json` into the tables of the model card.
import { markdownTable, numbers } from './markdown-table.mjs'

/**
 * @typedef {{ value: number | null, low: number, high: number }} Share
 * @typedef {Share & { name: string, right: number, total: number }} Row
 * @typedef {{ value: number, kind: 'min' | 'max', met: boolean }} Bar
 * @typedef {Share & { name: string, total: number, bar: Bar | null }} Measure
 * @typedef {{ length: number, videos: number, framesPerSecond: number, bar: { value: number, met: boolean } }} Reading
 * @typedef {{
 *   suite: string, questions: number, failed: number, measures: Measure[], reading: Reading[],
 *   byTask: Row[], byLength: Row[], byDepth: Row[], byLengthAndTask: Row[], byLengthAndDepth: Row[],
 * }} Suite
 * @typedef {{
 *   complete: boolean, command: string,
 *   model: { name: string, sizeBytes: number, sha256: string }, version: string, processor: string, threads: number,
 *   suites: Suite[],
 * }} Summary
 */

/** Opens a part of the card that is filled in: `<!-- eval: tasks single -->` … `<!-- end eval -->`. */
const SECTION = /<!-- eval: ([a-z]+)(?: ([a-z]+))? -->\n[\s\S]*?<!-- end eval -->/gu

/** The summary of one file of `longlens eval --json`; the file's name is for errors. */
export function summaryOf(/** @type {string} */ content, /** @type {string} */ file) {
  const lines = content.split('\n').filter((line) => line.includes('"type":"summary"'))
  const last = lines.at(-1)
  if (last === undefined) throw new Error(`${file} holds no summary of "longlens eval --json"`)
  /** @type {unknown} */
  const parsed = JSON.parse(last)
  const summary = /** @type {Summary} */ (parsed)
  if (!summary.complete) throw new Error(`${file} is of an evaluation that was broken off`)
  return summary
}

/**
 * The card with every section filled in.
 * @param {string} card
 * @param {readonly Summary[]} summaries
 */
export function fillCard(card, summaries) {
  const hashes = new Set(summaries.map(({ model }) => model.sha256))
  if (hashes.size > 1) throw new Error(`expected results of one model, got ${hashes.size}`)
  const suites = summaries.flatMap((summary) => summary.suites)
  const twice = suites.find(({ suite }, index) => suites.findIndex((other) => other.suite === suite) < index)
  if (twice !== undefined) throw new Error(`the results hold the suite "${twice.suite}" twice`)
  return card.replace(SECTION, (_, /** @type {string} */ kind, /** @type {string | undefined} */ name) => {
    const head = `<!-- eval: ${kind}${name === undefined ? '' : ` ${name}`} -->`
    return `${head}\n\n${sectionOf(kind, name, summaries, suites)}\n\n<!-- end eval -->`
  })
}

/**
 * @param {string} kind
 * @param {string | undefined} name
 * @param {readonly Summary[]} summaries
 * @param {readonly Suite[]} suites
 */
function sectionOf(kind, name, summaries, suites) {
  if (kind === 'bars') return barsTable(suites)
  if (kind === 'measures') return measuresTable(suites)
  if (kind === 'reading') return readingTable(suites)
  if (kind === 'source') return sourceWords(summaries)
  const suite = suites.find((one) => one.suite === name)
  if (suite === undefined) throw new Error(`the card wants the suite "${name ?? ''}", which no results hold`)
  if (kind === 'tasks') return rowsTable('task', suite.byTask)
  if (kind === 'lengths') return rowsTable('length', suite.byLength)
  if (kind === 'depths') return rowsTable('depth', suite.byDepth)
  if (kind === 'crosstasks') return crossTable('task', suite.byLengthAndTask)
  if (kind === 'crossdepths') return crossTable('depth', suite.byLengthAndDepth)
  throw new Error(`the card wants "${kind}", which is no kind of table`)
}

/**
 * What the model is held to, in the order and the words of people; `suite: measure` as `app/services/evaluation/bars.ts`
 * names them.
 */
const BAR_WORDS = new Map([
  ['single: mean over tasks', 'single pictures, mean over tasks'],
  ['single: presence, yes and no counted alike', 'is it there? yes and no counted alike'],
  ['single: reading text', 'reading on-screen text'],
  ['video: mean over tasks, 64 frames', 'videos of 64 frames, mean over tasks'],
  ['tiles: find and name row and column', 'large pictures: find a thing, name row and column'],
  ['needle: 64 frames', 'one line of text in 64 frames: words and time right'],
  ['needle: 256 frames', 'one line of text in 256 frames: words and time right'],
  ['needle: 1024 frames', 'one line of text in 1,024 frames: words and time right'],
  ['unknown: says that it does not know', 'what it cannot know: says so'],
  ['real: names an object that is not there', 'photographs and clips: names what is not there'],
  ['dialogue: all turns right', 'dialogues of three turns: all right'],
])

/** Every bar in one table; measures without one are left out. */
function barsTable(/** @type {readonly Suite[]} */ suites) {
  const rows = suites.flatMap(({ suite, measures }) =>
    measures.flatMap((measure) => {
      if (measure.bar === null) return []
      const name = `${suite}: ${measure.name}`
      return [[BAR_WORDS.get(name) ?? name, ...shareWords(measure), ...barWords(measure.bar)]]
    }),
  )
  const columns = ['asked about', ...shareColumns('reached'), numbers('bar'), 'outcome']
  return markdownTable(columns, [...rows, ...slowestRow(suites)])
}

/** Reading speed is held to its bar where it is lowest. */
function slowestRow(/** @type {readonly Suite[]} */ suites) {
  const speeds = suites.flatMap(({ reading }) => reading)
  const [slowest] = speeds.toSorted((a, b) => a.framesPerSecond - b.framesPerSecond)
  if (slowest === undefined) return []
  const { length, framesPerSecond, bar } = slowest
  const of =
    new Set(speeds.map((speed) => speed.length)).size > 1
      ? `, slowest at ${length.toLocaleString('en')} frames`
      : ''
  return [[`frames read a second${of}`, framesPerSecond.toFixed(1), '', '', `≥ ${bar.value}`, metWord(bar)]]
}

function measuresTable(/** @type {readonly Suite[]} */ suites) {
  const rows = suites.flatMap(({ suite, measures }) =>
    measures.map((measure) => [suite, measure.name, ...shareWords(measure), ...barWords(measure.bar)]),
  )
  const columns = ['suite', 'measure', ...shareColumns('reached'), numbers('bar'), 'outcome']
  return markdownTable(columns, rows)
}

function barWords(/** @type {Bar | null} */ bar) {
  if (bar === null) return ['', '']
  return [`${bar.kind === 'min' ? '≥' : '≤'} ${Math.round(bar.value * 100)} %`, metWord(bar)]
}

function metWord(/** @type {{ met: boolean }} */ { met }) {
  return met ? 'met' : 'missed'
}

function rowsTable(/** @type {string} */ what, /** @type {readonly Row[]} */ rows) {
  return markdownTable(
    [what, ...shareColumns('right')],
    rows.map((row) => [row.name, ...shareWords(row)]),
  )
}

/** One column a length; names are "64 frames, when". */
function crossTable(/** @type {string} */ what, /** @type {readonly Row[]} */ rows) {
  const cells = rows.map((row) => {
    const comma = row.name.indexOf(', ')
    return { length: row.name.slice(0, comma), other: row.name.slice(comma + 2), row }
  })
  const lengths = [...new Set(cells.map(({ length }) => length))]
  const others = [...new Set(cells.map(({ other }) => other))]
  const cellOf = (/** @type {string} */ length, /** @type {string} */ other) => {
    const found = cells.find((cell) => cell.length === length && cell.other === other)
    return found === undefined ? '' : `${percent(found.row.value)} of ${found.row.total}`
  }
  return markdownTable(
    [what, ...lengths.map(numbers)],
    others.map((other) => [other, ...lengths.map((length) => cellOf(length, other))]),
  )
}

function readingTable(/** @type {readonly Suite[]} */ suites) {
  const rows = suites.flatMap(({ suite, reading }) =>
    reading.map(({ length, videos, framesPerSecond, bar }) => [
      suite,
      String(length),
      String(videos),
      framesPerSecond.toFixed(1),
      `≥ ${bar.value}`,
      metWord(bar),
    ]),
  )
  const counted = ['frames', 'videos', 'frames/s once decoded', 'bar'].map(numbers)
  return markdownTable(['suite', ...counted, 'outcome'], rows)
}

function sourceWords(/** @type {readonly Summary[]} */ summaries) {
  const [first] = summaries
  if (first === undefined) throw new Error('expected results, got none')
  const { model, version, processor, threads } = first
  const commands = summaries.map(({ command }) => `${command} --json`)
  return [
    `${model.name}, ${(model.sizeBytes / 1e6).toFixed(1)} MB, SHA-256 \`${model.sha256}\`, Longlens ${version},`,
    `${processor} (${threads} threads):`,
    '',
    '```',
    ...commands,
    '```',
    ...failedWords(summaries.flatMap(({ suites }) => suites)),
  ].join('\n')
}

/** A file that cannot be read says nothing about the model, and still counts: so it is told. */
function failedWords(/** @type {readonly Suite[]} */ suites) {
  const some = suites.filter(({ failed }) => failed > 0)
  if (some.length === 0) return []
  const counts = some.map(({ suite, failed, questions }) => `${failed} of ${questions} in ${suite}`)
  return ['', `Questions that could not be asked, because a file could not be read: ${counts.join(', ')}.`]
}

/** JSON has no NaN: a share of nothing is null. */
function percent(/** @type {number | null} */ share) {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`
}

function interval(/** @type {Share} */ { low, high }) {
  return `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)}`
}

function shareColumns(/** @type {'right' | 'reached'} */ what) {
  return [what, '95 % interval', 'n'].map(numbers)
}

function shareWords(/** @type {Share & { total: number }} */ share) {
  return [percent(share.value), interval(share), String(share.total)]
}
