import { expect, it } from 'vitest'
import { keepKnown, without } from '../../../../renderer/features/library/keep-known'
import { item } from '../fixtures'

it('keeps the object of what did not change, and takes over what did', () => {
  const before = [item({ id: 'filmaaaa' }), item({ id: 'filmbbbb' })]
  const after = keepKnown(before, [
    item({ id: 'filmcccc' }),
    item({ id: 'filmbbbb', name: 'other.mp4' }),
    item({ id: 'filmaaaa' }),
  ])
  expect(after.map(({ id }) => id)).toEqual(['filmcccc', 'filmbbbb', 'filmaaaa'])
  expect(after[2]).toBe(before[0])
  expect(after[1]?.name).toBe('other.mp4')
})

it('leaves out exactly what is named', () => {
  const items = [item({ id: 'filmaaaa' }), item({ id: 'filmbbbb' })]
  expect(without(items, [item({ id: 'filmaaaa' })]).map(({ id }) => id)).toEqual(['filmbbbb'])
})
