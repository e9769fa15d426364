import { expect, it } from 'vitest'
import { threadsFor } from '../../../../app/services/engine-threads'
import { tinyDescription } from '../../../helpers/model-descriptions'

const width = (embeddingLength: number) => ({ language: { ...tinyDescription.language, embeddingLength } })

it.for([
  [256, 2, 0, 2],
  [256, 2, 1, 1],
  [256, 2, 9, 1],
  [256, 16, 0, 4],
  [256, 16, 14, 2],
  [4096, 16, 0, 16],
  [4096, 16, 14, 16],
] as const)(
  'a model of width %d on %d cores, %d of them busy, gets %d threads',
  ([wide, cores, busyCores, threads]) => {
    expect(threadsFor(width(wide), { cores, busyCores })).toBe(threads)
  },
)

it('gives the same number for as long as the program runs', () => {
  expect(threadsFor(width(256))).toBe(threadsFor(width(256)))
})
