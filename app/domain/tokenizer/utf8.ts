/** Appends the UTF-8 bytes of a code point (not a surrogate) to `out`. */
export function pushUtf8(codePoint: number, out: number[]): void {
  if (codePoint < 0x80) out.push(codePoint)
  else if (codePoint < 0x800) out.push(0xc0 | (codePoint >> 6), trail(codePoint))
  else if (codePoint < 0x10000) out.push(0xe0 | (codePoint >> 12), trail(codePoint >> 6), trail(codePoint))
  else out.push(0xf0 | (codePoint >> 18), trail(codePoint >> 12), trail(codePoint >> 6), trail(codePoint))
}

function trail(bits: number): number {
  return 0x80 | (bits & 0x3f)
}

/** Length in UTF-8 of a well-formed string, bytes. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
  }
  return bytes
}

/** Decodes bytes as SentencePiece does: every byte that is no part of a valid character becomes one U+FFFD. */
export function decodeUtf8(bytes: readonly number[]): string {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const length = characterLength(bytes, at)
    if (length === 0) {
      text += '\uFFFD'
      at += 1
      continue
    }
    let codePoint = length === 1 ? byteAt(bytes, at) : byteAt(bytes, at) & (0x7f >> length)
    for (let next = 1; next < length; next += 1)
      codePoint = (codePoint << 6) | (byteAt(bytes, at + next) & 0x3f)
    text += String.fromCodePoint(codePoint)
    at += length
  }
  return text
}

/** Bytes of the character that begins at `at`; 0 when none does (cut off, overlong, a surrogate, above U+10FFFF). */
function characterLength(bytes: readonly number[], at: number): number {
  const first = byteAt(bytes, at)
  if (first < 0x80) return 1
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : (first & 0xf0) === 0xe0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
  for (let next = 1; next < length; next += 1) {
    if ((byteAt(bytes, at + next) & 0xc0) !== 0x80) return 0
  }
  const second = byteAt(bytes, at + 1)
  if (first === 0xe0 && second < 0xa0) return 0
  if (first === 0xed && second > 0x9f) return 0
  if (first === 0xf0 && second < 0x90) return 0
  if (first === 0xf4 && second > 0x8f) return 0
  return length
}

function byteAt(bytes: readonly number[], at: number): number {
  return bytes[at] ?? 0
}
