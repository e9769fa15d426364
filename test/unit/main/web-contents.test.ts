import { EventEmitter } from 'node:events'
import { expect, it, vi } from 'vitest'

vi.mock('electron', () => ({ app: new EventEmitter() }))
const electron = await import('electron')
const { setupWebContents } = await import('../../../main/security/web-contents')

class FakeContents extends EventEmitter {
  opened: ((details: { url: string }) => { action: string }) | undefined

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.opened = handler
  }

  /** Whether the navigation is let through. */
  goes(event: string, url: string): boolean {
    const preventDefault = vi.fn()
    this.emit(event, { url, preventDefault })
    return preventDefault.mock.calls.length === 0
  }
}

setupWebContents()

function created(): FakeContents {
  const contents = new FakeContents()
  electron.app.emit('web-contents-created', {}, contents)
  return contents
}

it.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])(
  'refuses every other page on %s',
  (event) => {
    const contents = created()

    expect(contents.goes(event, 'https://example.org/')).toBe(false)
    expect(contents.goes(event, 'file:///etc/passwd')).toBe(false)
    expect(contents.goes(event, 'longlens://app/media/abcdefgh/source')).toBe(false)
    expect(contents.goes(event, 'longlens://app/')).toBe(true)
  },
)

it('opens no window and embeds no page', () => {
  const contents = created()

  expect(contents.opened?.({ url: 'longlens://app/' })).toEqual({ action: 'deny' })
  expect(contents.goes('will-attach-webview', 'longlens://app/')).toBe(false)
})
