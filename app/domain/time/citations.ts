import type { TimeRange } from '../media/frame-sampling'

/** A video that times in an answer can refer to. */
export interface CitableMedia {
  readonly media: number
  /** Which turn showed it, counted in order. */
  readonly turn: number
  /** 0 where the container does not say. */
  readonly durationSeconds: number
  /** The part that was shown; null for all of it. */
  readonly range: TimeRange | null
}

/** A moment or span of a medium that an answer names. */
export interface Citation {
  readonly media: number
  readonly startSeconds: number
  /** Equal to `startSeconds` for a moment. */
  readonly endSeconds: number
  /** UTF-16 offsets into the answer, [textStart, textEnd). */
  readonly textStart: number
  readonly textEnd: number
}

interface Moment {
  readonly seconds: number
  readonly start: number
  readonly end: number
}

// 0:12, 00:12, 75:00, 1:02:03, each with an optional fraction. Not part of a longer number, date, path or word.
const CLOCK =
  /(?<![\w:./\\])(?:(?<hours>\d{1,3}):(?=[0-5]\d:))?(?<minutes>\d{1,3}):(?<seconds>[0-5]\d)(?<fraction>\.\d{1,3}(?![\d:])|,\d{3}(?![\d:]))?(?![\w/\\]|[:.]\d)/g

// 12 s, 12.5 seconds, 2 min, 1 minute 20 seconds, 1m20s, 1 h 2 min 3 s. A lone "m" would be metres.
const SECONDS = String.raw`\d{1,5}(?:\.\d{1,3})?(?:\s?|-)(?:s|secs?|seconds?)`
const HOURS = String.raw`(?:\d{1,3}\s?(?:h|hours?|hrs?)[\s,]*(?:and\s)?)?`
const MINUTES_AND_SECONDS = String.raw`\d{1,4}\s?(?:m|min|mins|minutes?)[\s,]*(?:and\s)?${SECONDS}`
const SPOKEN_TIME = String.raw`(?:${HOURS}(?:${MINUTES_AND_SECONDS}|\d{1,4}\s?(?:min|mins|minutes?))|${SECONDS})`
// Only after a word that makes it a moment: "lasts 12 seconds" is a duration.
const MOMENT_WORD = String.raw`(?:at|around|about|near|until|till|from|@|t\s?=)\s*(?:(?:around|about|exactly|roughly|the)\s+)?`
const DURATION_WORD = String.raw`\b(?:lasts?|lasted|lasting|takes?|took|is|was|runs?|for|of|long|by)\s+`
const SPOKEN = new RegExp(
  String.raw`(?<!\w|${DURATION_WORD})${MOMENT_WORD}(?<moment>${SPOKEN_TIME})(?!\w|[-\s](?:long|later|earlier|before|after|per|ago)\b)`,
  'gi',
)
// "at 5–9 s", "from 5 to 9 seconds", "between 5 and 9 s": the unit stands once.
const SPOKEN_RANGE =
  /(?<!\w)(?:at|from|between|during)\s+(?<range>(?<first>\d{1,5}(?:\.\d{1,3})?)(?:\s?(?:s|secs?|seconds?))?\s*(?:[-–—~]|to|and|until|till)\s*(?<last>\d{1,5}(?:\.\d{1,3})?)\s?(?:s|secs?|seconds?))(?!\w)/gi

// What may stand between two times so that they are one span.
const RANGE_JOINT = /^\s*(?:-|–|—|−|~|to|until|till|through)\s*$/i
const BETWEEN_JOINT = /^\s*and\s*$/i

// Words before a pair of numbers that make it a score, a ratio or a verse, and after it that make it a time of day.
const NOT_A_TIME_BEFORE =
  /\b(?:scores?|scored|ratio|odds|aspect|scale|won|wins|lost|beat|result|led|tied)(?:\s+\w+){0,2}[\s:(]*$/i
// "scored at 12:30" is a moment all the same; "stood at 2:10" and "a score of around 10:12" are none.
const A_TIME_BEFORE =
  /(?<!\b(?:stands?|stood|tied|of)\s+)\b(?:at(?:\s+about)?|from|until|till|around)[\s:(]*$/i
const TIME_OF_DAY_AFTER = /^\s?(?:[ap]\.?\s?m\b|o['’]clock|hours\b|uhr\b)/i

/**
 * Finds the times that an answer names and the medium each belongs to: the one whose shown part has it, else the first
 * one long enough; of several the one shown last, as an answer mostly speaks of it. In one turn, videos of unknown
 * length come last: they might have any time. Ratios, scores, times of day, durations, and times beyond the end of
 * every medium are left out. In order of the text, without overlaps.
 */
export function findCitations(text: string, media: readonly CitableMedia[]): Citation[] {
  const newestFirst = media.toSorted(
    (a, b) => b.turn - a.turn || Number(endOf(a) === Infinity) - Number(endOf(b) === Infinity),
  )
  const spans = [...spokenRanges(text)]
  const moments = [...clockMoments(text), ...spokenMoments(text)]
    .filter(({ start, end }) => !spans.some((span) => start < span.last.end && span.first.start < end))
    .sort((a, b) => a.start - b.start)
  return [...spans, ...joinRanges(text, moments)]
    .sort((a, b) => a.first.start - b.first.start)
    .flatMap(({ first, last }) => placeInMedia(first, last, newestFirst))
}

interface Span {
  readonly first: Moment
  readonly last: Moment
}

function* clockMoments(text: string): Generator<Moment> {
  for (const match of text.matchAll(CLOCK)) {
    const start = match.index
    const end = start + match[0].length
    const before = text.slice(Math.max(0, start - 40), start)
    if (NOT_A_TIME_BEFORE.test(before) && !A_TIME_BEFORE.test(before)) continue
    if (TIME_OF_DAY_AFTER.test(text.slice(end, end + 12))) continue
    const { hours = '0', minutes = '0', seconds = '0', fraction = '' } = match.groups ?? {}
    if (hours !== '0' && Number(minutes) > 59) continue
    const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    yield { seconds: fraction === '' ? whole : Number(`${whole}.${fraction.slice(1)}`), start, end }
  }
}

function* spokenMoments(text: string): Generator<Moment> {
  for (const match of text.matchAll(SPOKEN)) {
    const moment = match.groups?.['moment'] ?? ''
    const end = match.index + match[0].length
    yield { seconds: spokenSeconds(moment), start: end - moment.length, end }
  }
}

function* spokenRanges(text: string): Generator<Span> {
  for (const match of text.matchAll(SPOKEN_RANGE)) {
    const { range = '', first = '', last = '' } = match.groups ?? {}
    const end = match.index + match[0].length
    const start = end - range.length
    if (Number(last) < Number(first)) continue
    yield {
      first: { seconds: Number(first), start, end: start + first.length },
      last: { seconds: Number(last), start, end },
    }
  }
}

/** Seconds of "1 h 2 min 3.5 s" in any of its forms. */
function spokenSeconds(text: string): number {
  let seconds = 0
  for (const [, amount = '0', unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(?:\s?|-)([hms])/gi)) {
    seconds += Number(amount) * ({ h: 3600, m: 60 }[unit.toLowerCase()] ?? 1)
  }
  return seconds
}

/** Neighbouring moments with a dash or "to" between them, or "and" after "between", become one span. */
function joinRanges(text: string, moments: readonly Moment[]): Span[] {
  const spans: Span[] = []
  for (let i = 0; i < moments.length; i += 1) {
    const first = moments[i]
    const next = moments[i + 1]
    if (first === undefined) break
    const joined = next !== undefined && next.seconds >= first.seconds && isJoined(text, first, next)
    spans.push({ first, last: joined ? next : first })
    if (joined) i += 1
  }
  return spans
}

function isJoined(text: string, first: Moment, next: Moment): boolean {
  const between = text.slice(first.end, next.start)
  if (RANGE_JOINT.test(between)) return true
  return (
    BETWEEN_JOINT.test(between) &&
    /\bbetween\s+$/i.test(text.slice(Math.max(0, first.start - 12), first.start))
  )
}

function placeInMedia(first: Moment, last: Moment, media: readonly CitableMedia[]): Citation[] {
  const found =
    media.find((one) => isShown(first, last, one)) ??
    media.find((one) => isLongEnough(last, one)) ??
    media.find((one) => isLongEnough(first, one))
  if (found === undefined) return []
  return [
    {
      media: found.media,
      startSeconds: Math.min(first.seconds, endOf(found)),
      endSeconds: Math.min(last.seconds, endOf(found)),
      textStart: first.start,
      textEnd: last.end,
    },
  ]
}

// Frames are labelled to the nearest second, so labels may lie up to a second outside of what is shown.

function isShown(first: Moment, last: Moment, medium: CitableMedia): boolean {
  const { start, end } = medium.range ?? { start: 0, end: Infinity }
  return first.seconds >= Math.floor(start) && last.seconds <= Math.ceil(end) && isLongEnough(last, medium)
}

function isLongEnough({ seconds }: Moment, medium: CitableMedia): boolean {
  return seconds <= Math.ceil(endOf(medium))
}

function endOf({ durationSeconds }: CitableMedia): number {
  return durationSeconds > 0 ? durationSeconds : Infinity
}
