import { expect, it, vi } from 'vitest'
import type { Turn } from '../../../../app/contract/chat'
import { TurnFollower, type TurnListener } from '../../../../renderer/features/conversation/turn-follower'
import type { AppClient } from '../../../../renderer/shared/client/app-client'
import { turn } from '../fixtures'
import { fakeClient, settle } from '../test-store'

function follower() {
  const client = fakeClient()
  const events: string[] = []
  const listener: TurnListener = {
    showTurn: (shown: Turn) => events.push(`${shown.status}:${shown.answer}`),
    showProgress: (_, { stage, done }) => events.push(`${stage} ${done}`),
    appendText: (_, text) => events.push(`+${text}`),
    fail: (thrown) => events.push(`failed: ${String(thrown)}`),
  }
  // A frame is never drawn: only what comes after a text can show it.
  const schedule = vi.fn(() => () => undefined)
  return { client, events, follower: new TurnFollower(client as unknown as AppClient, listener, schedule) }
}

it('shows text before the state that follows it, and nothing out of order', async () => {
  const { client, events, follower: one } = follower()
  one.follow(turn())
  await settle()
  const feed = client.follows.get('turnturn')
  feed?.push({ kind: 'state', turn: turn({ status: 'streaming' }) }, { kind: 'text', text: 'A ' })
  feed?.push(
    { kind: 'text', text: 'fox' },
    { kind: 'state', turn: turn({ status: 'done', answer: 'A fox' }) },
  )
  feed?.end()
  await settle()
  expect(events).toEqual(['streaming:', '+A fox', 'done:A fox'])
  expect(one.isFollowing('turnturn')).toBe(false)
})

it('follows a turn once, and another conversation instead of it', async () => {
  const { client, events, follower: one } = follower()
  one.follow(turn())
  one.follow(turn())
  expect(client.chat.follow).toHaveBeenCalledTimes(1)
  one.followOnly([turn({ id: 'turn0002' })])
  expect(one.isFollowing('turnturn')).toBe(false)
  await settle()
  client.follows.get('turnturn')?.end(new Error('cut'))
  await settle()
  expect(events).toEqual([])
})

it('tells why following broke off', async () => {
  const { client, events, follower: one } = follower()
  one.follow(turn())
  await settle()
  client.follows.get('turnturn')?.end(new Error('cut'))
  await settle()
  expect(events).toEqual(['failed: Error: cut'])
})
