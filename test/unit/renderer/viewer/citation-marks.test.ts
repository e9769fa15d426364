import { expect, it } from 'vitest'
import { citationMarks } from '../../../../renderer/features/viewer/citation-marks'

it('lists each moment of the item once, in order', () => {
  const at = (itemId: string, startSeconds: number) => ({
    itemId,
    startSeconds,
    endSeconds: startSeconds,
    textStart: 0,
    textEnd: 5,
  })
  const turns = [
    { citations: [at('filmfilm', 12), at('otherone', 3)] },
    { citations: [at('filmfilm', 4.5), at('filmfilm', 12)] },
  ]
  expect(citationMarks(turns, 'filmfilm')).toEqual([4.5, 12])
  expect(citationMarks([], 'filmfilm')).toEqual([])
})
