import { app, dialog, type BrowserWindow } from 'electron'

const SAFE = 'What you asked and what was answered is saved.'

/** Offers a way on when the page crashes or hangs; the services and a running answer go on without it. */
export function watchForFailures(window: BrowserWindow): void {
  const { webContents } = window
  let isAsking = false
  const ask = async (message: string, buttons: [string, string]): Promise<'first' | 'second'> => {
    isAsking = true
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      message,
      detail: SAFE,
      buttons,
      defaultId: 0,
      cancelId: 0,
    })
    isAsking = false
    return response === 0 ? 'first' : 'second'
  }
  webContents.on('render-process-gone', (_event, { reason }) => {
    // A clean exit is a window that closes.
    if (reason === 'clean-exit' || isAsking || window.isDestroyed()) return
    void ask('The window stopped working', ['Reload', 'Quit']).then((answer) => {
      if (window.isDestroyed()) return
      if (answer === 'first') webContents.reload()
      else app.quit()
    })
  })
  window.on('unresponsive', () => {
    if (isAsking || window.isDestroyed()) return
    void ask('The window does not respond', ['Wait', 'Reload']).then((answer) => {
      if (answer === 'second' && !window.isDestroyed()) webContents.reload()
    })
  })
}
