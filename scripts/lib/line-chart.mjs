// Line charts as SVG text: no library, readable as source, and right on light and dark pages.

/** @import { Axis } from './chart-axes.mjs' */

/**
 * @typedef {{ x: number, y: number, low?: number, high?: number }} Point
 * @typedef {{ name: string, points: readonly Point[] }} Series
 * @typedef {{ title: string, x: Axis, y: Axis, series: readonly Series[], mark?: { x: number, label: string } }} Chart
 * @typedef {{ left: number, top: number, width: number, height: number }} Box
 */

const STYLE = `<style>
    text { font: 12px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 14px; font-weight: 600; }
    .axis { stroke: #8c959f; } .grid { stroke: #d8dee4; } .mark { stroke: #8c959f; stroke-dasharray: 2 4; }
    .line { fill: none; stroke-width: 2; } .whisker { stroke-width: 1; opacity: 0.6; }
    .s0 { stroke: #0a6c9e; } .s1 { stroke: #b4490c; stroke-dasharray: 7 4; } .s2 { stroke: #4c7d1b; stroke-dasharray: 2 3; }
    .d0 { fill: #0a6c9e; } .d1 { fill: #b4490c; } .d2 { fill: #4c7d1b; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .axis, .mark { stroke: #848d97; } .grid { stroke: #30363d; }
      .s0 { stroke: #58b6e6; } .s1 { stroke: #f2965a; } .s2 { stroke: #97cf5f; }
      .d0 { fill: #58b6e6; } .d1 { fill: #f2965a; } .d2 { fill: #97cf5f; }
    }
  </style>`

const WIDTH = 680
const HEIGHT = 380

/** One chart with a legend. Points outside the ticks are not expected. */
export function lineChart(/** @type {Chart} */ chart) {
  const box = { left: 70, top: 62, width: WIDTH - 94, height: HEIGHT - 116 }
  const body = [
    text(box.left, 22, chart.title, 'class="title"'),
    legend(chart.series, box.left, 42),
    plot(chart, box),
    text(box.left + box.width / 2, HEIGHT - 12, chart.x.label, 'text-anchor="middle"'),
    text(
      0,
      0,
      chart.y.label,
      `text-anchor="middle" transform="translate(16 ${box.top + box.height / 2}) rotate(-90)"`,
    ),
  ]
  return svg(WIDTH, HEIGHT, chart.title, body)
}

const PANEL = { width: 170, height: 150 }
const COLUMNS = 4

/**
 * Many small charts with the same axes under one title.
 * @param {string} title
 * @param {readonly Chart[]} charts
 */
export function panelChart(title, charts) {
  const [first] = charts
  if (first === undefined) throw new Error('expected a chart, got none')
  const rows = Math.ceil(charts.length / COLUMNS)
  const body = [text(40, 22, title, 'class="title"'), legend(first.series, 40, 42)]
  for (const [index, chart] of charts.entries()) {
    const left = 40 + (index % COLUMNS) * PANEL.width
    const top = 84 + Math.floor(index / COLUMNS) * PANEL.height
    body.push(text(left, top - 8, chart.title))
    body.push(plot(chart, { left, top, width: PANEL.width - 46, height: PANEL.height - 52 }))
  }
  const height = 66 + rows * PANEL.height + 20
  body.push(text(40, height - 8, `${first.x.label}; ${first.y.label}`))
  return svg(40 + COLUMNS * PANEL.width, height, title, body)
}

/** Axes, grid, and the lines with their intervals. */
function plot(/** @type {Chart} */ { x, y, series, mark }, /** @type {Box} */ box) {
  const right = box.left + box.width
  const bottom = box.top + box.height
  const atX = placer(x, box.left, right)
  const atY = placer(y, bottom, box.top)
  const parts = []
  for (const tick of y.ticks) {
    parts.push(line('grid', box.left, atY(tick), right, atY(tick)))
    parts.push(text(box.left - 6, atY(tick) + 4, y.format(tick), 'text-anchor="end"'))
  }
  for (const tick of x.ticks) parts.push(line('axis', atX(tick), bottom, atX(tick), bottom + 4))
  for (const tick of labelled(x, atX)) {
    parts.push(text(atX(tick), bottom + 18, x.format(tick), 'text-anchor="middle"'))
  }
  parts.push(line('axis', box.left, bottom, right, bottom))
  if (mark !== undefined) {
    parts.push(line('mark', atX(mark.x), box.top, atX(mark.x), bottom))
    if (mark.label !== '') parts.push(text(atX(mark.x) + 5, box.top + 12, mark.label))
  }
  for (const [index, { points }] of series.entries()) {
    for (const { x: px, low, high } of points) {
      if (low !== undefined && high !== undefined) {
        parts.push(line(`whisker s${index}`, atX(px), atY(low), atX(px), atY(high)))
      }
    }
    const places = points.map((point) => `${round(atX(point.x))},${round(atY(point.y))}`)
    parts.push(`<polyline class="line s${index}" points="${places.join(' ')}"/>`)
    if (points.length > MOST_DOTS) continue
    for (const point of points) {
      parts.push(`<circle class="d${index}" cx="${round(atX(point.x))}" cy="${round(atY(point.y))}" r="3"/>`)
    }
  }
  return parts.join('\n  ')
}

const MOST_DOTS = 12
const CHARACTER_WIDTH = 7.5

/**
 * The last tick, and before it those whose labels do not touch the next one.
 * @param {Axis} axis
 * @param {(value: number) => number} at
 */
function labelled({ ticks, format }, at) {
  /** @type {number[]} */
  const kept = []
  let end = Infinity
  for (const tick of [...ticks].reverse()) {
    const half = (format(tick).length * CHARACTER_WIDTH) / 2
    if (at(tick) + half > end) continue
    kept.unshift(tick)
    end = at(tick) - half
  }
  return kept
}

/**
 * The place of a value between `from`, where the first tick lies, and `to`, where the last one does.
 * @param {Axis} axis
 * @param {number} from
 * @param {number} to
 * @returns {(value: number) => number}
 */
function placer({ scale, ticks }, from, to) {
  const on = (/** @type {number} */ value) => (scale === 'log' ? Math.log(value) : value)
  const first = on(ticks[0] ?? 0)
  const last = on(ticks.at(-1) ?? 1)
  return (value) => from + ((on(value) - first) / (last - first)) * (to - from)
}

const LEGEND_WIDTH = 140

function legend(
  /** @type {readonly Series[]} */ series,
  /** @type {number} */ left,
  /** @type {number} */ baseline,
) {
  return series
    .map(({ name }, index) => {
      const start = left + index * LEGEND_WIDTH
      const sample = `<line class="line s${index}" x1="${start}" y1="${baseline - 4}" x2="${start + 28}" y2="${baseline - 4}"/>`
      return `${sample}\n  ${text(start + 34, baseline, name)}`
    })
    .join('\n  ')
}

/**
 * @param {string} kind
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function line(kind, x1, y1, x2, y2) {
  return `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`
}

function text(
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {string} */ words,
  /** @type {string} */ attributes = '',
) {
  return `<text x="${round(x)}" y="${round(y)}"${attributes === '' ? '' : ` ${attributes}`}>${escaped(words)}</text>`
}

/** Two digits of a pixel: the same figures give the same file. */
function round(/** @type {number} */ value) {
  return Math.round(value * 100) / 100
}

function escaped(/** @type {string} */ words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/**
 * @param {number} width
 * @param {number} height
 * @param {string} title
 * @param {readonly string[]} body
 */
function svg(width, height, title, body) {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`
  return `${open}\n  <title>${escaped(title)}</title>\n  ${STYLE}\n  ${body.join('\n  ')}\n</svg>\n`
}
