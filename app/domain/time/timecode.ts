export interface TimecodeOptions {
  /** Adds milliseconds: 00:12.345. */
  readonly milliseconds?: boolean
  /** Written between seconds and milliseconds: `.` unless given (SubRip wants `,`). */
  readonly decimalMark?: '.' | ','
  /** `auto`: only from an hour on, as 1:02:03. `always`: in two digits, as subtitle files want it. */
  readonly hours?: 'auto' | 'always'
}

/**
 * Seconds as MM:SS or H:MM:SS, rounded down to what is shown, as players do: 59.9 s is 00:59. Negative times and
 * times that are no number show as 0.
 */
export function formatTimecode(seconds: number, options: TimecodeOptions = {}): string {
  const { milliseconds = false, decimalMark = '.', hours = 'auto' } = options
  const safe = Number.isFinite(seconds) ? Math.max(0, seconds) : 0
  // Times such as 0.29 are a hair below their decimal value; half a microsecond keeps 0.29 s from showing as .289.
  const total = Math.floor(safe * 1000 + 0.0005)
  const wholeSeconds = Math.floor(total / 1000)
  const hour = Math.floor(wholeSeconds / 3600)
  const minutesSeconds = `${twoDigits(Math.floor(wholeSeconds / 60) % 60)}:${twoDigits(wholeSeconds % 60)}`
  const fraction = milliseconds ? decimalMark + String(total % 1000).padStart(3, '0') : ''
  if (hours === 'always') return `${twoDigits(hour)}:${minutesSeconds}${fraction}`
  return hour > 0 ? `${hour}:${minutesSeconds}${fraction}` : minutesSeconds + fraction
}

/**
 * Seconds as MM:SS, the label of a frame in prompts: to the nearest second, because sampled frames lie a little
 * before or after it; minutes go on beyond 59, as the label has no hours.
 */
export function formatMinutesSeconds(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.round(seconds)) : 0
  return `${twoDigits(Math.floor(whole / 60))}:${twoDigits(whole % 60)}`
}

const TIMECODE = /^(?:(?:(\d{1,4}):)?([0-5]?\d):([0-5]\d)|(\d{1,4}):([0-5]\d)|(\d{1,9}))(?:[.,](\d{1,6}))?$/

/**
 * Reads H:MM:SS, MM:SS (minutes may pass 59) or plain seconds, each with an optional fraction.
 * @returns seconds, or null when the text is none of these
 */
export function parseTimecode(text: string): number | null {
  const match = TIMECODE.exec(text.trim())
  if (match === null) return null
  const [, hours = '0', minutes, seconds, longMinutes, secondsAfterLong, plainSeconds, fraction = ''] = match
  const whole =
    Number(hours) * 3600 +
    Number(minutes ?? longMinutes ?? 0) * 60 +
    Number(seconds ?? secondsAfterLong ?? plainSeconds ?? 0)
  return fraction === '' ? whole : Number(`${whole}.${fraction}`)
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
