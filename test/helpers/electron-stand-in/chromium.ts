import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type BrowserContext } from 'playwright-core'
import { life, pathOf } from './lifecycle'

/** Where Debian puts it; the test skips with a reason where it is missing. */
export const CHROMIUM = '/usr/bin/chromium'

let running: Promise<{ context: BrowserContext; debuggingUrl: string }> | undefined

/** Chromium, started with the first window. The test drives the same one through `debuggingUrl`. */
export function openChromium(): Promise<{ context: BrowserContext; debuggingUrl: string }> {
  running ??= launch()
  return running
}

async function launch(): Promise<{ context: BrowserContext; debuggingUrl: string }> {
  const port = await freePort()
  const profile = join(pathOf('sessionData'), 'stand-in-profile')
  mkdirSync(profile, { recursive: true })
  // The default context, because only its pages are visible to a second client.
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: null,
    acceptDownloads: false,
    // Without a user namespace of its own, as root in a container, Chromium's sandbox cannot start.
    chromiumSandbox: false,
    args: [`--remote-debugging-port=${port}`, '--disable-gpu'],
  })
  life.atEnd.push(() => context.close())
  return { context, debuggingUrl: `http://127.0.0.1:${port}` }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
