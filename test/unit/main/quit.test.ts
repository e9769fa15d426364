import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

class FakeApp extends EventEmitter {
  readonly quit = vi.fn()
  readonly exit = vi.fn()
}

vi.mock('electron', () => ({ app: new FakeApp() }))
const { app } = (await import('electron')) as unknown as { app: FakeApp }
const { setupQuit } = await import('../../../main/lifecycle/quit')

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const before = signals.map((signal) => process.listeners(signal))
const ownPlatform = process.platform

beforeEach(() => {
  vi.useFakeTimers()
  app.removeAllListeners()
  app.quit.mockReset()
  app.exit.mockReset()
})

afterEach(() => {
  vi.useRealTimers()
  Object.defineProperty(process, 'platform', { value: ownPlatform })
  for (const [index, signal] of signals.entries()) {
    for (const listener of process.listeners(signal))
      if (before[index]?.includes(listener) === false) process.removeListener(signal, listener)
  }
})

it('waits with the end until everything is closed, once', async () => {
  const closing = Promise.withResolvers<undefined>()
  const close = vi.fn(() => closing.promise)
  setupQuit(close, vi.fn())
  const event = { preventDefault: vi.fn() }
  app.emit('will-quit', event)
  app.emit('will-quit', { preventDefault: vi.fn() })

  expect(event.preventDefault).toHaveBeenCalledOnce()
  expect(close).toHaveBeenCalledOnce()
  expect(app.exit).not.toHaveBeenCalled()
  closing.resolve(undefined)
  await vi.advanceTimersByTimeAsync(0)
  expect(app.exit).toHaveBeenCalledWith(0)
})

it('ends anyway when closing hangs or fails', async () => {
  setupQuit(() => new Promise(() => undefined), vi.fn())
  app.emit('will-quit', { preventDefault: vi.fn() })
  await vi.advanceTimersByTimeAsync(8000)
  expect(app.exit).toHaveBeenLastCalledWith(1)

  app.removeAllListeners()
  setupQuit(() => Promise.reject(new Error('disk full')), vi.fn())
  app.emit('will-quit', { preventDefault: vi.fn() })
  await vi.advanceTimersByTimeAsync(0)
  expect(app.exit).toHaveBeenCalledTimes(2)
})

it('quits with the last window, except on a Mac, where it opens one again when asked', () => {
  const reopen = vi.fn()
  setupQuit(() => Promise.resolve(), reopen)
  Object.defineProperty(process, 'platform', { value: 'linux' })
  app.emit('window-all-closed')
  expect(app.quit).toHaveBeenCalledOnce()

  Object.defineProperty(process, 'platform', { value: 'darwin' })
  app.emit('window-all-closed')
  expect(app.quit).toHaveBeenCalledOnce()
  app.emit('activate', {}, true)
  expect(reopen).not.toHaveBeenCalled()
  app.emit('activate', {}, false)
  expect(reopen).toHaveBeenCalledOnce()
})
