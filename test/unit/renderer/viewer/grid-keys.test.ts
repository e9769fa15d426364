import { expect, it } from 'vitest'
import { gridTarget } from '../../../../renderer/features/viewer/grid-keys'

const shape = { columns: 4, page: 12, count: 50 }

it.each([
  ['ArrowRight', 3, 4],
  ['ArrowLeft', 4, 3],
  ['ArrowDown', 5, 9],
  ['ArrowUp', 9, 5],
  ['ArrowUp', 2, 2],
  ['ArrowDown', 48, 48],
  ['ArrowRight', 49, 49],
  ['PageDown', 45, 49],
  ['PageUp', 3, 0],
  ['Home', 30, 0],
  ['End', 30, 49],
] as const)('%s leads from %i to %i', (key, from, to) => {
  expect(gridTarget(key, from, shape)).toBe(to)
})

it('other keys do not move', () => {
  expect(gridTarget('a', 3, shape)).toBeNull()
  expect(gridTarget('ArrowDown', 0, { ...shape, count: 0 })).toBeNull()
})
