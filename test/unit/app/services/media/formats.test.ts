import { describe, expect, it } from 'vitest'
import { inputGuards, magicOf } from '../../../../../app/services/media/formats'

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('magicOf', () => {
  it.each([
    ['\xff\xd8\xff\xe0', 'jpeg'],
    ['\x89PNG\r\n\x1a\n', 'png'],
    ['GIF89a', 'gif'],
    ['RIFF\x10\0\0\0WEBPVP8 ', 'webp'],
    ['RIFF\x10\0\0\0AVI LIST', 'video'],
    ['II*\0\x08\0\0\0', 'tiff'],
    ['MM\0+\0\x08\0\0', 'tiff'],
    ['\0\0\0\x20ftypheic', 'heif'],
    ['\0\0\0\x20ftypavif', 'heif'],
    ['\0\0\0\x20ftypisom', 'video'],
    ['\x1aE\xdf\xa3', 'video'],
    ['#EXTM3U\nother.mp4\n', 'text'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'text'],
    ['\0\x01\x02\x03', 'unknown'],
  ])('tells %j', (head, magic) => {
    expect(magicOf(bytes(head))).toBe(magic)
  })
})

describe('inputGuards', () => {
  it('allows only local files and no format that opens other files', () => {
    const [protocols, protocolList, formats, formatList = ''] = inputGuards
    const allowed = formatList.split(',')

    expect([protocols, protocolList, formats]).toEqual([
      '-protocol_whitelist',
      'file,pipe',
      '-format_whitelist',
    ])
    for (const name of [
      'hls',
      'concat',
      'dash',
      'image2',
      'image2pipe',
      'lavfi',
      'sdp',
      'rtsp',
      'imf',
      'tty',
    ]) {
      expect(allowed).not.toContain(name)
    }
  })
})
