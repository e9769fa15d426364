import { barOf, framesWords, isMet, MEASURES, WHAT_IS_THERE } from './bars'
import type { QuestionResult, ReadingSpeed, SuiteName } from './evaluation-types'
import { meanShare, wilson, type Share, type Tally } from './intervals'

/** A figure that a suite is judged by. */
export interface Measure extends Share {
  readonly name: string
  /** Questions, or dialogues, that it comes from. */
  readonly total: number
  readonly bar: { readonly value: number; readonly kind: 'min' | 'max'; readonly met: boolean } | null
}

export interface TableRow extends Share, Tally {
  readonly name: string
}

export interface SuiteSummary {
  readonly suite: SuiteName
  readonly questions: number
  /** Questions that could not be asked; they count as wrong. */
  readonly failed: number
  readonly measures: readonly Measure[]
  readonly byTask: readonly TableRow[]
  /** By frames, pictures or tiles; empty where there is no length to speak of. */
  readonly byLength: readonly TableRow[]
  /** By tenths of the video: "0–10 %" first. */
  readonly byDepth: readonly TableRow[]
  /** By length and then task, named "64 frames, when": only of suites with several lengths. */
  readonly byLengthAndTask: readonly TableRow[]
  /** By length and depth, named "64 frames, 0–10 %": only of suites with several lengths. */
  readonly byLengthAndDepth: readonly TableRow[]
  readonly reading: readonly ReadingSpeed[]
}

/** Counts the results of one suite. Dialogues count by conversation in `measures`, by turn in the tables. */
export function summarize(
  suite: SuiteName,
  results: readonly QuestionResult[],
  reading: readonly ReadingSpeed[] = [],
): SuiteSummary {
  const lengths = new Set(results.map(({ length }) => length))
  const several = lengths.size > 1
  const lengthAnd = (key: (result: QuestionResult) => string | null) => (result: QuestionResult) =>
    joined(lengthName(result), key(result))
  return {
    suite,
    questions: results.length,
    failed: results.filter(({ error }) => error !== undefined).length,
    measures: measuresOf(suite, results),
    byTask: tableOf(results, ({ task }) => task),
    byLength: tableOf(results, lengthName),
    byDepth: tableOf(results, depthName),
    byLengthAndTask: several
      ? tableOf(
          results,
          lengthAnd(({ task }) => task),
        )
      : [],
    byLengthAndDepth: several ? tableOf(results, lengthAnd(depthName)) : [],
    reading,
  }
}

function joined(first: string | null, second: string | null): string | null {
  return first === null || second === null ? null : `${first}, ${second}`
}

function lengthName({ length, suite }: QuestionResult): string | null {
  if (length === null) return null
  switch (suite) {
    case 'multi':
      return `${length} pictures`
    case 'tiles':
      return `${length} tiles`
    default:
      return framesWords(length)
  }
}

const TENTHS = 10

function depthName({ depth }: QuestionResult): string | null {
  if (depth === null) return null
  const tenth = Math.min(TENTHS - 1, Math.floor(depth * TENTHS))
  return `${tenth * TENTHS}–${(tenth + 1) * TENTHS} %`
}

/** Rows in the order of their names, numbers by value; results without a name are left out. */
function tableOf(
  results: readonly QuestionResult[],
  nameOf: (result: QuestionResult) => string | null,
): TableRow[] {
  const groups = Map.groupBy(results, nameOf)
  return [...groups]
    .flatMap(([name, group]) => (name === null ? [] : [{ name, ...rowOf(group) }]))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

function rowOf(results: readonly QuestionResult[]): Share & Tally {
  const tally = tallyOf(results)
  return { ...tally, ...wilson(tally) }
}

function tallyOf(results: readonly QuestionResult[]): Tally {
  return { right: results.filter(({ right }) => right).length, total: results.length }
}

function measuresOf(suite: SuiteName, results: readonly QuestionResult[]): Measure[] {
  if (results.length === 0) return []
  const measure = (name: string, share: Share, { length: total }: readonly unknown[]): Measure[] => {
    const bar = barOf(suite, name)
    // A suite that was broken off may have none of what a measure is about.
    if (total === 0) return []
    return [{ name, ...share, total, bar: bar === null ? null : { ...bar, met: isMet(bar, share.value) } }]
  }
  const pooled = (name: string, some: readonly QuestionResult[]) => measure(name, wilson(tallyOf(some)), some)
  const ofTask = (task: string) => results.filter((result) => result.task === task)
  switch (suite) {
    case 'single':
      return [
        ...measure(MEASURES.tasks, taskMean(results), results),
        ...measure(MEASURES.presence, balanced(ofTask('presence')), ofTask('presence')),
        ...pooled(MEASURES.read, ofTask('read')),
      ]
    case 'video':
      return byLengthGroups(results).flatMap(([frames, some]) =>
        measure(`${MEASURES.tasks}, ${framesWords(frames)}`, taskMean(some), some),
      )
    case 'needle':
      return byLengthGroups(results).flatMap(([frames, some]) => pooled(framesWords(frames), some))
    case 'tiles':
      return [
        ...pooled(MEASURES.place, ofTask('tile-place')),
        ...measure(MEASURES.tasks, taskMean(results), results),
      ]
    case 'multi':
      return measure(MEASURES.tasks, taskMean(results), results)
    case 'unknown':
      return pooled(MEASURES.unknown, results)
    case 'real': {
      // A damaged file says nothing about what the model would have invented.
      const open = ofTask(WHAT_IS_THERE).filter(({ error }) => error === undefined)
      const invented = open.filter(({ right }) => !right).length
      return measure(MEASURES.invented, wilson({ right: invented, total: open.length }), open)
    }
    case 'dialogue': {
      // The last dialogue of an evaluation that was broken off may lack turns: nobody knows how it would have ended.
      const dialogues = [...Map.groupBy(results, ({ id }) => id).values()].filter(
        (turns) => turns[0]?.turns === turns.length || turns.some(({ error }) => error !== undefined),
      )
      const right = dialogues.filter((turns) => turns.every((turn) => turn.right)).length
      return measure(MEASURES.turns, wilson({ right, total: dialogues.length }), dialogues)
    }
    case 'folder':
      return pooled(MEASURES.right, results)
  }
}

function taskMean(results: readonly QuestionResult[]): Share {
  return meanShare([...Map.groupBy(results, ({ task }) => task).values()].map(tallyOf))
}

/** Yes and no count the same, however many of each were asked, and whether in a word or a full sentence. */
function balanced(results: readonly QuestionResult[]): Share {
  const groups = Map.groupBy(results, ({ expected }) => /^yes\b/iu.test(expected))
  return meanShare([...groups.values()].map(tallyOf))
}

function byLengthGroups(results: readonly QuestionResult[]): [number, QuestionResult[]][] {
  return [...Map.groupBy(results, ({ length }) => length ?? 0)].sort(([a], [b]) => a - b)
}
