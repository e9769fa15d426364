// The curves of docs/architecture-comparison.md, from what lib/comparison-data.mjs read.
import { axis, linearTicks, logTicks, percentAxis } from './chart-axes.mjs'
import { trainedFrames } from './comparison-data.mjs'
import { lineChart, panelChart } from './line-chart.mjs'
import { meanShare, wilson } from './shares.mjs'

/** @import { Model, Part, Reading } from './comparison-data.mjs' */
/** @import { Chart, Series } from './line-chart.mjs' */

/** Below so many questions a task has no curve of its own. */
const LEAST_ASKED = 10

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
  const tasks = taskCharts(models)
  return [
    chart('loss', lineChart(lossChart(models))),
    chart('accuracy', lineChart(accuracyChart(models))),
    ...(tasks.length === 0
      ? []
      : [chart('tasks', panelChart('Accuracy by task and length of the video', tasks))]),
    chart('speed', lineChart(readingChart(models, 'Speed of reading', 'tokens/s', speedOf))),
    chart('memory', lineChart(readingChart(models, 'State that questions branch from', 'MB', stateOf))),
  ]
}

const speedOf = (/** @type {Reading} */ one) => one.tokens_per_second
const stateOf = (/** @type {Reading} */ one) => (one.key_value_bytes + one.recurrent_bytes) / 1e6

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

/** Parts with a number of frames, shortest first. */
function partsByLength(/** @type {Readonly<Record<string, Part>>} */ parts) {
  return Object.values(parts)
    .flatMap(({ frames, tasks }) => (frames === null ? [] : [{ frames, tasks }]))
    .sort((a, b) => a.frames - b.frames)
}
