import { expect, it } from 'vitest'
import { isFromWindow } from '../../../main/security/sender'

type Event = Parameters<typeof isFromWindow>[0]

/** Only what is looked at; a real frame has a hundred more. */
function from(senderFrame: { url: string; parent: object | null } | null): Event {
  return { senderFrame, sender: {} } as unknown as Event
}

it('believes the top frame of the window', () => {
  expect(isFromWindow(from({ url: 'longlens://app/', parent: null }))).toBe(true)
})

it('believes no frame inside it, no other page, and no frame that is gone', () => {
  expect(isFromWindow(from({ url: 'longlens://app/', parent: {} }))).toBe(false)
  expect(isFromWindow(from({ url: 'https://example.org/', parent: null }))).toBe(false)
  expect(isFromWindow(from(null))).toBe(false)
})
