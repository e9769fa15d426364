import type { Measure, SuiteSummary, TableRow } from '../../services/evaluation/summarize'
import type { QuestionResult, ReadingSpeed } from '../../services/evaluation/evaluation-types'
import type { Share } from '../../services/evaluation/intervals'

/** 0.934 as "93.4 %"; "–" for what was not asked. */
export function percentWords(share: number): string {
  return Number.isNaN(share) ? '–' : `${(100 * share).toFixed(1)} %`
}

function intervalWords({ low, high }: Share): string {
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`
}

/** A suite's figures for people: what it is judged by, then its tables. */
export function summaryWords(summary: SuiteSummary): string {
  const { suite, questions, failed } = summary
  const lines = [
    `${suite}: ${questions === 1 ? 'one question' : `${questions} questions`}${failed === 0 ? '' : `, of which ${failed} could not be asked`}`,
    ...summary.measures.map((measure) => `  ${measureWords(measure)}`),
    ...summary.reading.map((speed) => `  ${readingWords(speed)}`),
    ...tableLines('by task', summary.byTask),
    ...tableLines('by length', summary.byLength),
    ...tableLines('by depth', summary.byDepth),
    ...tableLines('by length and task', summary.byLengthAndTask),
    ...tableLines('by length and depth', summary.byLengthAndDepth),
  ]
  return `${lines.join('\n')}\n`
}

function measureWords({ name, value, total, bar, ...share }: Measure): string {
  const held =
    bar === null
      ? ''
      : `; ${bar.kind === 'min' ? 'at least' : 'at most'} ${percentWords(bar.value)} wanted: ${bar.met ? 'met' : 'NOT met'}`
  return `${name}: ${percentWords(value)} (${intervalWords({ value, ...share })}, n = ${total})${held}`
}

function readingWords({ length, framesPerSecond, videos, bar }: ReadingSpeed): string {
  const met = bar.met ? 'met' : 'NOT met'
  const of = videos === 1 ? 'one video' : `${videos} videos`
  return (
    `reads ${framesPerSecond.toFixed(1)} frames/s once decoded (${of} of ${length} frames); ` +
    `at least ${bar.value} wanted: ${met}`
  )
}

function tableLines(title: string, rows: readonly TableRow[]): string[] {
  if (rows.length === 0) return []
  const width = Math.max(...rows.map(({ name }) => name.length))
  return [
    `  ${title}`,
    ...rows.map(
      ({ name, right, total, ...share }) =>
        `    ${name.padEnd(width)}  ${percentWords(share.value).padStart(8)}  ${intervalWords(share).padEnd(11)}  ${right} of ${total}`,
    ),
  ]
}

/** A question that was not answered rightly, for people who look for the reason. */
export function mistakeWords({ id, task, question, expected, answer, error }: QuestionResult): string {
  const said = error ?? `"${answer}"`
  return `${id} (${task}): ${question}\n    expected "${expected}", got ${said}\n`
}
