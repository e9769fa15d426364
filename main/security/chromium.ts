import { app, protocol } from 'electron'
import { SCHEME } from '../protocol/window-address'

/** Chromium's own ways of calling home; none is needed by a program that reads local files. */
const quiet = [
  'disable-background-networking',
  'disable-component-update',
  'disable-domain-reliability',
  'no-pings',
]

/** What Chromium has to know before it starts: every page in a sandbox, our scheme, no calls home. */
export function setupChromium(): void {
  app.enableSandbox()
  for (const name of quiet) app.commandLine.appendSwitch(name)
  protocol.registerSchemesAsPrivileged([
    // `standard` gives the page a real origin, `stream` lets videos seek. Nothing bypasses the content policy.
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
}
