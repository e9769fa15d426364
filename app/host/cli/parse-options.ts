import { InvalidArgumentError } from 'commander'
import { parseTimecode } from '../../domain/time/timecode'

/** Readers of option values; what they throw is shown as it is, with the option's name, and ends in code 2. */
export function positiveInteger(text: string): number {
  return wholeNumber(text, 1, Number.MAX_SAFE_INTEGER, 'Expected a whole number from 1.')
}

export function positiveNumber(text: string): number {
  const value = decimalNumber(text)
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number above 0.')
  return value
}

export function nonNegativeNumber(text: string): number {
  const value = decimalNumber(text)
  if (Number.isNaN(value)) throw new InvalidArgumentError('Expected a number from 0.')
  return value
}

export function seed(text: string): number {
  return wholeNumber(text, 0, 2 ** 32 - 1, 'Expected a whole number from 0 to 4294967295.')
}

export function port(text: string): number {
  return wholeNumber(text, 0, 65_535, 'Expected a port from 0 to 65535.')
}

/** A moment of a video, seconds. */
export function moment(text: string): number {
  const seconds = parseTimecode(text)
  if (seconds === null) throw new InvalidArgumentError('Expected seconds, or a time such as 1:30 or 0:01:30.')
  return seconds
}

/** Plain decimal digits only: JavaScript would also take an empty text, 0x10 and Infinity for numbers. */
function wholeNumber(text: string, min: number, max: number, expected: string): number {
  const value = /^\d+$/u.test(text) ? Number(text) : NaN
  if (!(value >= min && value <= max)) throw new InvalidArgumentError(expected)
  return value
}

/** NaN when the text is no number from 0. */
function decimalNumber(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)$/u.test(text) ? Number(text) : NaN
  return Number.isFinite(value) ? value : NaN
}
