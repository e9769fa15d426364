import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TrimmedStream } from '../../../../../app/domain/text/trimmed-stream'

it('drops the space that replies begin with and holds back what may be the end', () => {
  const stream = new TrimmedStream()

  expect([' ', 'A dog', ' and ', ' a cat.', '\n'].map((piece) => stream.push(piece))).toEqual([
    '',
    'A dog',
    ' and',
    '  a cat.',
    '',
  ])
})

it('keeps the space in front of what goes on with a text', () => {
  const stream = new TrimmedStream(true)

  expect([' at', ' 00:12. '].map((piece) => stream.push(piece))).toEqual([' at', ' 00:12.'])
})

it('streams pieces that put together equal the whole text, stripped', () => {
  const piece = fc.string({ unit: fc.constantFrom(' ', '\n', 'a', 'é', '.') })
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const stream = new TrimmedStream()
      expect(pieces.map((text) => stream.push(text)).join('')).toBe(pieces.join('').trim())
    }),
  )
})
