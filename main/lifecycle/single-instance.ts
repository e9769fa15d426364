import { app } from 'electron'
import process from 'node:process'
import { z } from 'zod'
import { OpenRequests, pathsInCommandLine } from './open-requests'

// Not the second process's command line: Chromium adds words of its own to that.
const handOverSchema = z.object({ paths: z.array(z.string()) })

/**
 * One program a data folder. A second start hands its files to the first and ends; then null comes back, and the
 * caller ends as well. Also listens to the desktop's "Open with" (macOS).
 */
export function setupSingleInstance(): OpenRequests | null {
  const paths = pathsInCommandLine(process.argv, app.isPackaged, process.cwd())
  if (!app.requestSingleInstanceLock({ paths })) return null
  const requests = new OpenRequests()
  requests.request(paths)
  app.on('second-instance', (_event, _argv, _cwd, handedOver) => {
    const parsed = handOverSchema.safeParse(handedOver)
    requests.request(parsed.success ? parsed.data.paths : [])
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    requests.request([path])
  })
  return requests
}
