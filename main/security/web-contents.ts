import { app, type WebContents } from 'electron'
import { isWindowPage } from '../protocol/window-address'

/** Rules for every page that this process ever shows, whoever creates it. */
export function setupWebContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    hardenContents(contents)
  })
}

/** No way to another page: no navigation, no redirect, no new window, no embedded page. Reloading stays possible. */
export function hardenContents(contents: WebContents): void {
  const refuseOthers = (event: { url: string; preventDefault: () => void }): void => {
    if (!isWindowPage(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', refuseOthers)
  contents.on('will-frame-navigate', refuseOthers)
  contents.on('will-redirect', refuseOthers)
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}
