export const SCHEME = 'longlens'
export const HOST = 'app'
/** The only page there is. Media and uploads have the same origin: `longlens://app/media/…`, `longlens://app/upload`. */
export const WINDOW_URL = `${SCHEME}://${HOST}/`
/** As Chromium writes it; Node's own `URL.origin` is "null" for schemes that it does not know. */
export const WINDOW_ORIGIN = `${SCHEME}://${HOST}`

/** Whether an address is the window's page, whatever follows `#`. */
export function isWindowPage(address: string): boolean {
  const url = URL.parse(address)
  if (url === null) return false
  url.hash = ''
  return url.href === WINDOW_URL || url.href === `${WINDOW_URL}index.html`
}
