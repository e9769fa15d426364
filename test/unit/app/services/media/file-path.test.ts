import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFileName, hasRawBytes, shownPath, toFsPath } from '../../../../../app/services/media/file-path'

describe('file names', () => {
  it('keeps a UTF-8 name as it is', () => {
    const name = decodeFileName(Buffer.from('Möwe 🐦.mp4'))

    expect(name).toBe('Möwe 🐦.mp4')
    expect(toFsPath(name)).toBe('Möwe 🐦.mp4')
  })

  it('escapes each byte that is not UTF-8 and brings it back', () => {
    const name = decodeFileName(Buffer.from([0x61, 0xe9, 0x2e, 0xff]))

    expect(name).toBe('a\udce9.\udcff')
    expect(hasRawBytes(name)).toBe(true)
    expect(toFsPath(name)).toEqual(Buffer.from([0x61, 0xe9, 0x2e, 0xff]))
    expect(shownPath(name)).toBe('a\ufffd.\ufffd')
  })

  it('does not take the second half of a real character for an escaped byte', () => {
    // U+10080 is the pair D800 DC80.
    expect(hasRawBytes('\u{10080}')).toBe(false)
  })

  it('brings back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const path = toFsPath(decodeFileName(Buffer.from(bytes)))
        expect(Buffer.from(path as string)).toEqual(Buffer.from(bytes))
      }),
    )
  })
})
