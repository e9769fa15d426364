// The tables of docs/architecture-comparison.md, from what lib/comparison-data.mjs read.
import { layersOf, trainedFrames, trainingMinutes } from './comparison-data.mjs'
import { markdownTable } from './markdown-table.mjs'
import { meanShare, wilson } from './shares.mjs'

/** @import { Model, Part } from './comparison-data.mjs' */
/** @import { Summary } from './model-card-tables.mjs' */

/** Opens a part of the page that is filled in: `<!-- comparison: tasks -->` … `<!-- end comparison -->`. */
const SECTION = /<!-- comparison: ([a-z]+) -->\n[\s\S]*?<!-- end comparison -->/gu

/** Names of parts that are no videos. */
const OTHER_PARTS = /** @type {Readonly<Record<string, string>>} */ ({
  sheet: 'large pictures in tiles',
  set: 'sets of pictures',
})

/**
 * The page with every section filled in; the text around them stays as it is.
 * @param {string} page
 * @param {readonly Model[]} models
 * @param {readonly Summary[]} engine
 */
export function fillPage(page, models, engine) {
  if (!page.includes('<!-- comparison: ')) throw new Error('the page has no section of the comparison')
  return page.replace(SECTION, (_, /** @type {string} */ kind) => {
    const make = sections[kind]
    if (make === undefined) throw new Error(`the page wants "${kind}", which is no part of the comparison`)
    return `<!-- comparison: ${kind} -->\n\n${make(models, engine)}\n\n<!-- end comparison -->`
  })
}

/** @type {Readonly<Record<string, (models: readonly Model[], engine: readonly Summary[]) => string>>} */
const sections = {
  models: modelsTable,
  lengths: lengthsTable,
  tasks: taskTables,
  reading: readingTable,
  engine: engineTable,
  source: sourceWords,
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
          megabytes(one.peak_bytes / 1e6),
        ],
      ]
    }),
  )
  return markdownTable(head, rows)
}

/**
 * @param {readonly Model[]} _
 * @param {readonly Summary[]} engine
 */
function engineTable(_, engine) {
  if (engine.length === 0) return 'It was not asked through the program in this comparison.'
  const rows = engine.flatMap(({ command, suites }) =>
    suites.flatMap(({ measures, reading }) =>
      measures.map((measure, index) => ({
        frames: reading[index]?.length ?? 0,
        cells: [
          measure.name,
          String(measure.total),
          withInterval({ ...measure, value: measure.value ?? NaN }),
          reading[index]?.framesPerSecond.toFixed(0) ?? '',
          `\`${command.replace(/ --model \S+/u, '')}\``,
        ],
      })),
    ),
  )
  const cells = rows.sort((a, b) => a.frames - b.frames).map((row) => row.cells)
  return markdownTable(['shown', 'n', 'right', 'frames/s with the tower', 'command'], cells)
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
