import { realpath } from 'node:fs/promises'

/**
 * File names as strings that lose nothing. On Linux a name is bytes and need not be UTF-8; a byte that is not part of
 * valid UTF-8 becomes the lone surrogate U+DC80…U+DCFF (Python's "surrogateescape"), and comes back as that byte.
 */

const ESCAPE = 0xdc00
const isEscape = (unit: number) => unit >= 0xdc80 && unit <= 0xdcff
const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff

/** Length of the valid UTF-8 character at `at`, or 0. */
function characterLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  const slice = bytes.subarray(at, at + length)
  return Buffer.from(slice.toString('utf8')).equals(slice) ? length : 0
}

/** The string of a name as the file system gives it. */
export function decodeFileName(bytes: Buffer): string {
  const plain = bytes.toString('utf8')
  if (Buffer.from(plain).equals(bytes)) return plain
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at)
    text +=
      length === 0 ? String.fromCharCode(ESCAPE + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length)
    at += Math.max(length, 1)
  }
  return text
}

function escapeAt(text: string, index: number): boolean {
  return isEscape(text.charCodeAt(index)) && !(index > 0 && isHighSurrogate(text.charCodeAt(index - 1)))
}

/** Whether a path holds bytes that are not UTF-8, so that it cannot be an argument of a program. */
export function hasRawBytes(path: string): boolean {
  for (let i = 0; i < path.length; i++) if (escapeAt(path, i)) return true
  return false
}

/** The path as `fs` functions take it: bytes where a string would lose some. */
export function toFsPath(path: string): string | Buffer {
  if (!hasRawBytes(path)) return path
  const parts: Buffer[] = []
  let text = ''
  for (let i = 0; i < path.length; i++) {
    if (escapeAt(path, i)) {
      parts.push(Buffer.from(text), Buffer.from([path.charCodeAt(i) - ESCAPE]))
      text = ''
    } else {
      text += path.charAt(i)
    }
  }
  return Buffer.concat([...parts, Buffer.from(text)])
}

/** The path without links, as `fs.realpath` finds it. Rejects with what that throws. */
export async function realPathOf(path: string): Promise<string> {
  return decodeFileName(await realpath(toFsPath(path), { encoding: 'buffer' }))
}

/** The path for people: what cannot be shown becomes U+FFFD. */
export function shownPath(path: string): string {
  return path.toWellFormed()
}
