import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DraftSaver } from '../../../../renderer/features/conversation/draft-saver'

const draft = (text: string) => ({ text, media: [] })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('saves the latest text once the person pauses', async () => {
  const save = vi.fn(() => Promise.resolve())
  const saver = new DraftSaver(save)
  saver.schedule('talktalk', draft('Wh'))
  await vi.advanceTimersByTimeAsync(300)
  saver.schedule('talktalk', draft('What'))
  await vi.advanceTimersByTimeAsync(300)
  expect(save).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(200)
  expect(save).toHaveBeenCalledExactlyOnceWith({ conversationId: 'talktalk', draft: draft('What') })
})

it('saves at once when it is flushed, to the conversation in which it was written', async () => {
  const save = vi.fn(() => Promise.resolve())
  const saver = new DraftSaver(save)
  saver.schedule('talktalk', draft('What'))
  await saver.flush()
  expect(save).toHaveBeenCalledExactlyOnceWith({ conversationId: 'talktalk', draft: draft('What') })
  await vi.advanceTimersByTimeAsync(1000)
  expect(save).toHaveBeenCalledOnce()
})

it('saves nothing after it was cancelled', async () => {
  const save = vi.fn(() => Promise.resolve())
  const saver = new DraftSaver(save)
  saver.schedule('talktalk', draft('What'))
  saver.cancel()
  await vi.advanceTimersByTimeAsync(1000)
  await saver.flush()
  expect(save).not.toHaveBeenCalled()
})
