// The tables and curves of docs/architecture-comparison.md, from what lib/comparison-data.mjs read.
import { layersOf, trainingMinutes } from './comparison-data.mjs'
import { lineChart, linearTicks, logTicks, panelChart } from './line-chart.mjs'
import { markdownTable } from './markdown-table.mjs'
import { meanShare, wilson } from './shares.mjs'

/** @import { Model, Part, Reading } from './comparison-data.mjs' */
/** @import { Axis, Chart, Series } from './line-chart.mjs' */

/** Opens a part of the page that is filled in: `<!-- comparison: tasks -->` … `<!-- end comparison -->`. */
const SECTION = /<!-- comparison: ([a-z]+) -->\n[\s\S]*?<!-- end comparison -->/gu

/** Names of parts that are no videos. */
const OTHER_PARTS = /** @type {Readonly<Record<string, string>>} */ ({
  sheet: 'large pictures in tiles',
  set: 'sets of pictures',
})

/** Below so many questions a task has no curve of its own. */
const LEAST_ASKED = 10

/**
 * The page with every section filled in; the text around them stays as it is.
 * @param {string} page
 * @param {readonly Model[]} models
 */
export function fillPage(page, models) {
  if (!page.includes('<!-- comparison: ')) throw new Error('the page has no section of the comparison')
  return page.replace(SECTION, (_, /** @type {string} */ kind) => {
    const make = sections[kind]
    if (make === undefined) throw new Error(`the page wants "${kind}", which is no part of the comparison`)
    return `<!-- comparison: ${kind} -->\n\n${make(models)}\n\n<!-- end comparison -->`
  })
}

/** @type {Readonly<Record<string, (models: readonly Model[]) => string>>} */
const sections = {
  models: modelsTable,
  lengths: lengthsTable,
  tasks: taskTables,
  reading: readingTable,
  source: sourceWords,
}

/**
 * Every figure as a file: name without folder, and SVG.
 * @param {readonly Model[]} models
 * @returns {{ name: string, content: string }[]}
 */
export function makeCharts(models) {
  const chart = (/** @type {string} */ name, /** @type {string} */ content) => ({
    name: `architecture-${name}.svg`,
    content,
  })
  return [
    chart('loss', lineChart(lossChart(models))),
    chart('accuracy', lineChart(accuracyChart(models))),
    chart('tasks', panelChart('Accuracy by task and length of the video', taskCharts(models))),
    chart('speed', lineChart(readingChart(models, 'Speed of reading', 'tokens/s', speedOf))),
    chart('memory', lineChart(readingChart(models, 'State that questions branch from', 'MB', stateOf))),
  ]
}

const speedOf = (/** @type {Reading} */ one) => one.tokens_per_second
const stateOf = (/** @type {Reading} */ one) => (one.key_value_bytes + one.recurrent_bytes) / 1e6
const peakOf = (/** @type {Reading} */ one) => one.peak_bytes / 1e6

function lossChart(/** @type {readonly Model[]} */ models) {
  const series = models.map(({ title, log }) => ({
    name: title,
    points: log.map(({ tokens, loss }) => ({ x: tokens / 1e6, y: loss })),
  }))
  const points = series.flatMap((one) => one.points)
  return {
    title: 'Loss while training',
    x: axis('linear', linearTicks(Math.max(...points.map(({ x }) => x))), 'tokens, millions'),
    y: axis('log', logTicks(points.map(({ y }) => y)), 'loss of a reply token'),
    series,
  }
}

function accuracyChart(/** @type {readonly Model[]} */ models) {
  const series = models.map(({ title, evaluation }) => ({
    name: title,
    points: partsByLength(evaluation.parts).map(({ frames, tasks }) => {
      const { value, low, high } = meanShare(Object.values(tasks))
      return { x: frames, y: 100 * value, low: 100 * low, high: 100 * high }
    }),
  }))
  return {
    title: 'Replies that are right, mean over tasks, by frames shown (1: single pictures)',
    x: framesAxis(series),
    y: percentAxis(20),
    series,
    mark: { x: trainedFrames(models), label: 'longest in training' },
  }
}

/** One chart for each task that was asked often enough at every length of video. */
function taskCharts(/** @type {readonly Model[]} */ models) {
  const videos = (/** @type {Model} */ { evaluation }) =>
    partsByLength(evaluation.parts).filter(({ frames }) => frames > 1)
  const [first] = models
  if (first === undefined) return []
  const lengths = videos(first)
  const tasks = [...new Set(lengths.flatMap((part) => Object.keys(part.tasks)))].sort()
  const often = tasks.filter((task) => lengths.every((part) => (part.tasks[task]?.[1] ?? 0) >= LEAST_ASKED))
  return often.map((task) => {
    const series = models.map((model) => ({
      name: model.title,
      points: videos(model).flatMap(({ frames, tasks: of }) => {
        const tally = of[task]
        return tally === undefined ? [] : [{ x: frames, y: 100 * wilson(tally).value }]
      }),
    }))
    return {
      title: task,
      x: framesAxis(series),
      y: percentAxis(50),
      series,
      mark: { x: trainedFrames(models), label: '' },
    }
  })
}

/**
 * @param {readonly Model[]} models
 * @param {string} title
 * @param {string} unit
 * @param {(reading: Reading) => number} valueOf
 * @returns {Chart}
 */
function readingChart(models, title, unit, valueOf) {
  const series = models.map((model) => ({
    name: model.title,
    points: model.reading.map((one) => ({ x: one.frames, y: valueOf(one) })),
  }))
  const values = series.flatMap(({ points }) => points.map(({ y }) => y))
  return { title, x: framesAxis(series), y: axis('log', logTicks(values), unit), series }
}

/** Ticks where there are points. */
function framesAxis(/** @type {readonly Series[]} */ series) {
  const frames = new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))
  return axis(
    'log',
    [...frames].sort((a, b) => a - b),
    'frames',
  )
}

function percentAxis(/** @type {number} */ step) {
  const ticks = Array.from({ length: 100 / step + 1 }, (_, index) => index * step)
  return axis('linear', ticks, '% right')
}

/**
 * @param {'linear' | 'log'} scale
 * @param {readonly number[]} ticks
 * @param {string} label
 * @returns {Axis}
 */
function axis(scale, ticks, label) {
  return {
    scale,
    ticks,
    label,
    format: (value) => value.toLocaleString('en-US', { maximumFractionDigits: 3 }),
  }
}

function trainedFrames(/** @type {readonly Model[]} */ models) {
  return models[0]?.evaluation.trained_frames ?? 1
}

/** Parts with a number of frames, shortest first. */
function partsByLength(/** @type {Readonly<Record<string, Part>>} */ parts) {
  return Object.values(parts)
    .flatMap(({ frames, tasks }) => (frames === null ? [] : [{ frames, tasks }]))
    .sort((a, b) => a.frames - b.frames)
}

function modelsTable(/** @type {readonly Model[]} */ models) {
  const head = [
    'model',
    'attention layers',
    'Mamba layers',
    'feed-forward',
    'parameters',
    'tokens',
    'minutes',
    'last loss',
  ]
  const rows = models.map(({ title, evaluation, log }) => {
    const { attention, mamba } = layersOf(evaluation)
    return [
      title,
      String(attention),
      String(mamba),
      String(evaluation.sizes.intermediate_size),
      whole(evaluation.parameters),
      whole(evaluation.trained_tokens),
      trainingMinutes(log).toFixed(0),
      log.at(-1)?.loss.toFixed(3) ?? '',
    ]
  })
  return markdownTable(head, rows)
}

function lengthsTable(/** @type {readonly Model[]} */ models) {
  const trained = trainedFrames(models)
  const nameOf = (/** @type {Part} */ { frames }, /** @type {string} */ name) => {
    if (frames === null) return OTHER_PARTS[name] ?? name
    if (frames === 1) return 'single pictures'
    return frames > trained ? `${frames} frames, longer than in training` : `${frames} frames`
  }
  const rows = partNames(models).map((name) => {
    const parts = partsNamed(models, name)
    const asked = Object.values(parts[0]?.tasks ?? {}).reduce((sum, [, count]) => sum + count, 0)
    const shares = parts.map(({ tasks }) => withInterval(meanShare(Object.values(tasks))))
    return [parts[0] === undefined ? name : nameOf(parts[0], name), String(asked), ...shares]
  })
  return markdownTable(['shown', 'n', ...models.map(({ title }) => title)], rows)
}

/** For each part a table: right replies of every task. */
function taskTables(/** @type {readonly Model[]} */ models) {
  return partNames(models)
    .map((name) => {
      const parts = partsNamed(models, name)
      const tasks = Object.entries(parts[0]?.tasks ?? {})
      const rows = tasks.map(([task, [, asked]]) => [
        task,
        String(asked),
        ...parts.map((part) => withInterval(wilson(part.tasks[task] ?? [0, asked]))),
      ])
      const frames = parts[0]?.frames ?? null
      const title =
        frames === null ? (OTHER_PARTS[name] ?? name) : frames === 1 ? 'single pictures' : `${frames} frames`
      return `### ${title.charAt(0).toUpperCase()}${title.slice(1)}\n\n${markdownTable(['task', 'n', ...models.map((model) => model.title)], rows)}`
    })
    .join('\n\n')
}

/** Videos from the shortest to the longest, then the others. */
function partNames(/** @type {readonly Model[]} */ models) {
  const order = (/** @type {[string, Part]} */ [, { frames }]) => frames ?? Infinity
  return Object.entries(models[0]?.evaluation.parts ?? {})
    .sort((a, b) => order(a) - order(b) || 0)
    .map(([name]) => name)
}

function partsNamed(/** @type {readonly Model[]} */ models, /** @type {string} */ name) {
  return models.flatMap(({ evaluation }) => evaluation.parts[name] ?? [])
}

function readingTable(/** @type {readonly Model[]} */ models) {
  const head = ['frames', 'tokens', 'model', 'tokens/s', 'frames/s', 'keys and values', 'recurrent', 'peak']
  const lengths = models[0]?.reading.map(({ frames }) => frames) ?? []
  const rows = lengths.flatMap((frames) =>
    models.flatMap(({ title, reading }) => {
      const one = reading.find((candidate) => candidate.frames === frames)
      if (one === undefined) return []
      return [
        [
          whole(frames),
          whole(one.tokens),
          title,
          whole(one.tokens_per_second),
          whole(one.frames_per_second),
          megabytes(one.key_value_bytes / 1e6),
          megabytes(one.recurrent_bytes / 1e6),
          megabytes(peakOf(one)),
        ],
      ]
    }),
  )
  return markdownTable(head, rows)
}

function sourceWords(/** @type {readonly Model[]} */ models) {
  const machine = models[0]?.machine
  if (machine === undefined) throw new Error('expected models, got none')
  const { processor, threads, load, date } = machine
  return `Reading was measured on ${date}: ${processor}, ${threads} threads, load ${load} when it began.`
}

function whole(/** @type {number} */ value) {
  return Math.round(value).toLocaleString('en-US')
}

function megabytes(/** @type {number} */ value) {
  return value === 0 ? '0' : `${value.toFixed(value < 10 ? 2 : 0)} MB`
}

function withInterval(/** @type {import('./shares.mjs').Share} */ { value, low, high }) {
  const percent = (/** @type {number} */ share) => (100 * share).toFixed(0)
  return `${percent(value)} % (${percent(low)}–${percent(high)})`
}
