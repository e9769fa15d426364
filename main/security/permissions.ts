import type { Session } from 'electron'
import { isWindowPage, WINDOW_ORIGIN } from '../protocol/window-address'

/** The Copy buttons write text; nothing else of what a page may ask for is ever needed. */
const GRANTED = 'clipboard-sanitized-write'

/**
 * Refuses camera, microphone, location, devices, notifications and whatever else a page can ask for, every download,
 * and every request that would leave this machine.
 */
export function setupPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(permission === GRANTED && isWindowPage(details.requestingUrl))
  })
  session.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) =>
      // Chromium writes some origins with a slash at their end.
      permission === GRANTED && requestingOrigin.replace(/\/$/, '') === WINDOW_ORIGIN,
  )
  session.setDevicePermissionHandler(() => false)
  // Dictionaries for the spell checker are fetched from the network.
  session.setSpellCheckerEnabled(false)
  session.on('will-download', (event) => {
    event.preventDefault()
  })
  // The content policy forbids these already. This holds even for a page that would come without one.
  session.webRequest.onBeforeRequest({ urls: ['<all_urls>'] }, (details, callback) => {
    callback({ cancel: !isOwnTool(details.url) })
  })
}

/** Our own addresses, what the page made itself, and Chromium's developer tools, which are pages too. */
function isOwnTool(url: string): boolean {
  return /^(?:longlens|devtools|blob|data):/.test(url)
}
