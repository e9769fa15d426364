import { expect, it } from 'vitest'
import { mergeConversation, withTurn } from '../../../../renderer/features/conversation/turn-list'
import { conversation, turn } from '../fixtures'

it('keeps the objects of turns that did not change, so that they are not drawn again', () => {
  const done = turn({ id: 'turn0001', status: 'done', answer: 'A fox.' })
  const open = turn({ id: 'turn0002', status: 'reading' })
  const before = conversation({ items: [done, open] })
  const after = conversation({ items: [{ ...done }, { ...open, status: 'done', answer: 'Two.' }] })

  const merged = mergeConversation(before, after, () => false)

  expect(merged.items[0]).toBe(done)
  expect(merged.items[1]).toMatchObject({ status: 'done', answer: 'Two.' })
})

it('keeps what is followed: it is ahead of the database', () => {
  const shown = turn({ id: 'turn0001', status: 'streaming', answer: 'A fox ju' })
  const read = { ...shown, answer: 'A fox' }
  const merged = mergeConversation(
    conversation({ items: [shown] }),
    conversation({ items: [read] }),
    () => true,
  )
  expect(merged.items).toEqual([shown])
})

it('puts a turn in its place or at the end, and counts', () => {
  const first = turn({ id: 'turn0001' })
  const one = withTurn(conversation(), first)
  const two = withTurn(one, turn({ id: 'turn0002' }))
  const changed = withTurn(two, { ...first, answer: 'Yes.' })
  expect(changed.items.map(({ id, answer }) => [id, answer])).toEqual([
    ['turn0001', 'Yes.'],
    ['turn0002', ''],
  ])
  expect(changed.turns).toBe(2)
})
