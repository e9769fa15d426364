import { EventEmitter } from 'node:events'
import type { Session } from 'electron'
import { expect, it, vi } from 'vitest'
import { setupPermissions } from '../../../main/security/permissions'

type Before = (details: { url: string }, callback: (answer: { cancel?: boolean }) => void) => void

class FakeSession extends EventEmitter {
  readonly setPermissionRequestHandler = vi.fn<Session['setPermissionRequestHandler']>()
  readonly setPermissionCheckHandler = vi.fn<Session['setPermissionCheckHandler']>()
  readonly setDevicePermissionHandler = vi.fn<Session['setDevicePermissionHandler']>()
  readonly setSpellCheckerEnabled = vi.fn<Session['setSpellCheckerEnabled']>()
  readonly webRequest = { onBeforeRequest: vi.fn<(filter: object, listener: Before) => void>() }
}

function setUp(): FakeSession {
  const session = new FakeSession()
  setupPermissions(session as unknown as Session)
  return session
}

it('grants writing text to the clipboard to its own page, and nothing else to anybody', () => {
  const check = setUp().setPermissionCheckHandler.mock.calls[0]?.[0]
  const isGranted = (permission: string, origin: string) =>
    check?.(null, permission as 'media', origin, { isMainFrame: true, requestingUrl: origin })

  expect(isGranted('clipboard-sanitized-write', 'longlens://app')).toBe(true)
  expect(isGranted('clipboard-sanitized-write', 'longlens://app/')).toBe(true)
  expect(isGranted('clipboard-sanitized-write', 'https://example.org')).toBe(false)
  for (const permission of [
    'media',
    'geolocation',
    'clipboard-read',
    'hid',
    'serial',
    'usb',
    'fileSystem',
    'unknown',
  ])
    expect(isGranted(permission, 'longlens://app')).toBe(false)
})

it('refuses devices, downloads and the spell checker’s dictionaries', () => {
  const session = setUp()
  const preventDefault = vi.fn()
  session.emit('will-download', { preventDefault })

  expect(preventDefault).toHaveBeenCalledOnce()
  expect(session.setSpellCheckerEnabled).toHaveBeenCalledWith(false)
  const device = session.setDevicePermissionHandler.mock.calls[0]?.[0]
  expect(device?.({ deviceType: 'usb' } as Parameters<NonNullable<typeof device>>[0])).toBe(false)
})

it('cancels every request that would leave the machine', () => {
  const before = setUp().webRequest.onBeforeRequest.mock.calls[0]?.[1]
  const isCancelled = (url: string) => {
    let cancel: boolean | undefined
    before?.({ url }, (answer) => {
      cancel = answer.cancel
    })
    return cancel
  }

  for (const url of [
    'https://example.org/',
    'http://127.0.0.1/',
    'wss://example.org/',
    'file:///etc/passwd',
    'ftp://a/',
  ])
    expect(isCancelled(url)).toBe(true)
  for (const url of [
    'longlens://app/',
    'devtools://devtools/bundled/x.js',
    'blob:longlens://app/1',
    'data:,',
  ])
    expect(isCancelled(url)).toBe(false)
})
