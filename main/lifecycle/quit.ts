import { app } from 'electron'
import process from 'node:process'

/** What an orderly end may take: the engine gets 3 s of it to stop. Quitting must never hang. */
const LIMIT_MS = 8000

/**
 * Ends in order: windows, then `close` (services and database), then the process. Closing the last window quits,
 * except on macOS, where programs stay until they are told; `reopen` brings a window back there.
 */
export function setupQuit(close: () => Promise<void>, reopen: () => void): void {
  let isClosed = false
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('activate', (_event, hasVisibleWindows) => {
    if (!hasVisibleWindows) reopen()
  })
  app.on('will-quit', (event) => {
    if (isClosed) return
    event.preventDefault()
    isClosed = true
    void withinLimit(close()).then((code) => {
      app.exit(code)
    })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      app.quit()
    })
  }
}

/** The exit code: 1 when closing failed or took too long. What was acknowledged is on disk either way. */
async function withinLimit(closing: Promise<void>): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(resolve, LIMIT_MS, 1)
  })
  const closed = closing.then(
    () => 0,
    () => 1,
  )
  const code = await Promise.race([closed, late])
  clearTimeout(timer)
  return code
}
