/** Marks of Markdown that mean nothing when read aloud. */
const MARKS = /[*_`#>|~]+/g

/**
 * The part of a growing text, from a position on, that will not change any more: up to the end of its last sentence
 * or line. `next` is where to go on.
 */
export function finishedSentences(text: string, from: number): { spoken: string; next: number } {
  const rest = text.slice(from)
  let end = 0
  for (const { index, 0: mark } of rest.matchAll(/[.!?…:;。！？](?=\s)|\n/g)) end = index + mark.length
  return { spoken: spokenText(rest.slice(0, end)), next: from + end }
}

/** Text without the marks of its typesetting. */
export function spokenText(text: string): string {
  return text.replace(MARKS, '').replace(/\s+/g, ' ').trim()
}
