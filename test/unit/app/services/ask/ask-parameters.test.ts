import { describe, expect, it } from 'vitest'
import { contextFor } from '../../../../../app/services/ask/ask-parameters'
import { officialDescription } from '../../../../helpers/model-descriptions'

describe('contextFor', () => {
  it.for([
    [1, 4096],
    [3072, 4096],
    [3073, 8192],
    [151_000, 262_144],
    [262_144, 262_144],
    [999_999, 262_144],
  ] as const)(
    'gives a request of %d tokens a context of %d, with room for more turns',
    ([tokens, context]) => {
      expect(contextFor(tokens, officialDescription)).toBe(context)
    },
  )
})
