import { expect, it } from 'vitest'
import { formatBytes } from '../../../../app/domain/format-bytes'

it.each([
  [0, '0 bytes'],
  [812, '812 bytes'],
  [1024, '1.0 KB'],
  [1536, '1.5 KB'],
  [10 * 1024, '10 KB'],
  [1024 ** 2 - 1, '1.0 MB'],
  [9.97 * 1024 ** 3, '10 GB'],
  [5000 * 1024 ** 4, '5000 TB'],
  [-1, 'unknown'],
  [Number.NaN, 'unknown'],
])('writes %d bytes as %s', (sizeBytes, text) => {
  expect(formatBytes(sizeBytes)).toBe(text)
})
