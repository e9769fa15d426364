import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

const executablePath = process.env['LONGLENS_CHROMIUM'] ?? '/usr/bin/chromium'

/** Empty where there is a browser to test in. */
export const whyNoBrowser = existsSync(executablePath)
  ? ''
  : `no browser at ${executablePath}: install chromium or set LONGLENS_CHROMIUM`

/** A real, headless browser that talks to nobody. The caller closes it. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--mute-audio',
    ],
  })
}

/** What went wrong in a page: nothing may, in any test. */
export interface WatchedPage {
  readonly page: Page
  readonly faults: string[]
}

/** A page in a profile of its own; faults of its scripts and refused requests are gathered. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  return { page, faults }
}
