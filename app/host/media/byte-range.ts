/** Bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** More parts than this in one request are answered with the whole file (RFC 9110, 14.2 allows ignoring Range). */
const MOST_PARTS = 8

/**
 * What a Range header asks of a file (RFC 9110, section 14): ranges, `unsatisfiable` (answer 416), or `whole` when
 * the header is absent, malformed, overlapping or asks for too many parts.
 */
export function parseRange(
  header: string | null,
  size: number,
): readonly ByteRange[] | 'whole' | 'unsatisfiable' {
  const match = /^\s*bytes\s*=(.*)$/i.exec(header ?? '')
  if (match === null) return 'whole'
  const specs = (match[1] ?? '')
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '')
  if (specs.length === 0 || specs.length > MOST_PARTS) return 'whole'
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const parsed = parseSpec(spec, size)
    if (parsed === 'malformed') return 'whole'
    if (parsed !== null) ranges.push(parsed)
  }
  if (ranges.length === 0) return 'unsatisfiable'
  return overlap(ranges) ? 'whole' : ranges
}

/** `first-last`, `first-` or `-suffix`; null when it lies outside the file. */
function parseSpec(spec: string, size: number): ByteRange | null | 'malformed' {
  const match = /^(\d{0,16})-(\d{0,16})$/.exec(spec)
  if (match === null) return 'malformed'
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return 'malformed'
    const length = Math.min(Number(last), size)
    return length === 0 ? null : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'malformed'
  if (start >= size) return null
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

function overlap(ranges: readonly ByteRange[]): boolean {
  const sorted = [...ranges].sort((a, b) => a.start - b.start)
  return sorted.some((range, index) => index > 0 && range.start <= (sorted[index - 1]?.end ?? -1))
}
