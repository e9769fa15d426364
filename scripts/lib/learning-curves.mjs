// Curves of how the bundled model learnt, from the logs that its checkpoint carries (`tower.jsonl`, `language.jsonl`).
import { join } from 'node:path'
import { axis, linearTicks, percentAxis } from './chart-axes.mjs'
import { readJsonLines } from './json-lines.mjs'
import { panelChart } from './line-chart.mjs'

/** @import { Chart, Point } from './line-chart.mjs' */

/**
 * @typedef {Readonly<Record<string, number>>} Shares
 * @typedef {{ images: number, held_out?: Shares }} TowerLine
 * @typedef {{ tokens: number, tasks?: Shares, held_out?: Shares }} LanguageLine
 */

/** What the tower is asked on held-out art, and how a reader would call it. */
const SIGHTS = {
  item: 'things of cells',
  character: 'characters, by place',
  order: 'characters, in order',
  word: 'words of captions',
  color: 'colours',
  background: 'backgrounds',
}

/** Tasks with a curve: those behind the bars of the model card, single pictures first. */
const TASKS = [
  ['presence', 'list', 'describe', 'read'],
  ['where', 'relation', 'count', 'unreadable'],
  ['tile-place', 'which-picture', 'reference', 'out-of-world'],
  ['when', 'until', 'before-after', 'at-time'],
  ['needle', 'read-at', 'order', 'video-list'],
].flat()

/** Lines of the log go together so far: one asks seldom tasks a few times only. */
const TOKENS_OF_POINT = 2e6

const PERCENT = percentAxis(50)

/**
 * Every figure as a file: name without folder, and SVG.
 * @param {string} folder of a checkpoint
 * @returns {Promise<{ name: string, content: string }[]>}
 */
export async function makeLearningCurves(folder) {
  const tower = /** @type {TowerLine[]} */ (await readJsonLines(join(folder, 'tower.jsonl')))
  const language = /** @type {LanguageLine[]} */ (await readJsonLines(join(folder, 'language.jsonl')))
  return [
    {
      name: 'learning-tower.svg',
      content: panelChart('What the tower sees in held-out pictures', towerCharts(tower)),
    },
    {
      name: 'learning-language.svg',
      content: panelChart('Replies that are right, by task', languageCharts(language)),
    },
  ]
}

/** @returns {Chart[]} */
function towerCharts(/** @type {readonly TowerLine[]} */ lines) {
  const x = axis(
    'linear',
    linearTicks(Math.max(...lines.map(({ images }) => images)) / 1e3),
    'images, thousands',
  )
  return Object.entries(SIGHTS).map(([key, title]) => ({
    title,
    x,
    y: PERCENT,
    series: [{ name: 'held out', points: pointsOf(lines, key, ({ images }) => images / 1e3) }],
  }))
}

/** @returns {Chart[]} */
function languageCharts(/** @type {readonly LanguageLine[]} */ lines) {
  const x = axis(
    'linear',
    linearTicks(Math.max(...lines.map(({ tokens }) => tokens)) / 1e6),
    'tokens, millions',
  )
  return TASKS.map((task) => ({
    title: task,
    x,
    y: PERCENT,
    series: [
      { name: 'in training', points: meansOf(lines, task) },
      { name: 'held out', points: pointsOf(lines, task, ({ tokens }) => tokens / 1e6) },
    ],
  }))
}

/**
 * Shares of the lines that looked at held-out art.
 * @template {{ held_out?: Shares }} Line
 * @param {readonly Line[]} lines
 * @param {string} key
 * @param {(line: Line) => number} at
 * @returns {Point[]}
 */
function pointsOf(lines, key, at) {
  return lines.flatMap((line) => {
    const share = line.held_out?.[key]
    return share === undefined ? [] : [{ x: at(line), y: 100 * share }]
  })
}

/**
 * Means of what training itself asked, one for each TOKENS_OF_POINT.
 * @param {readonly LanguageLine[]} lines
 * @param {string} task
 * @returns {Point[]}
 */
function meansOf(lines, task) {
  /** @type {Map<number, Point[]>} */
  const parts = new Map()
  for (const { tokens, tasks } of lines) {
    const share = tasks?.[task]
    if (share === undefined) continue
    const part = Math.floor(tokens / TOKENS_OF_POINT)
    parts.set(part, [...(parts.get(part) ?? []), { x: tokens / 1e6, y: 100 * share }])
  }
  return [...parts.values()].map((points) => ({
    x: meanOf(points.map(({ x }) => x)),
    y: meanOf(points.map(({ y }) => y)),
  }))
}

function meanOf(/** @type {readonly number[]} */ values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
