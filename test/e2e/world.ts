import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { openBrowser, openPage, whyNoBrowser, type WatchedPage } from '../helpers/browser'
import { BrowserProgram } from '../helpers/browser-program'
import { Window } from './window'

/** An expectation that may take its time: looked at again and again, on a machine that has other work too. */
export function eventually(read: () => unknown, everyMs = 50): ReturnType<typeof expect.poll> {
  return expect.poll(read, { timeout: 30_000, interval: everyMs })
}

/** The program, a browser and the first page, for the tests of one file. */
export class World {
  private parts: { program: BrowserProgram; browser: Browser; watched: WatchedPage } | null = null

  get program(): BrowserProgram {
    return this.running().program
  }

  get browser(): Browser {
    return this.running().browser
  }

  get page(): WatchedPage['page'] {
    return this.running().watched.page
  }

  get window(): Window {
    return new Window(this.page)
  }

  /** What went wrong in the first page. */
  get faults(): readonly string[] {
    return this.running().watched.faults
  }

  async start(options: BrowserContextOptions, env: Readonly<Record<string, string>>): Promise<void> {
    const program = new BrowserProgram({ env })
    const browser = await openBrowser()
    this.parts = { program, browser, watched: await openPage(browser, options) }
  }

  /** Another window or tab, with a profile of its own. */
  async another(options: BrowserContextOptions = {}): Promise<Window> {
    const { page } = await openPage(this.browser, options)
    return new Window(page)
  }

  /** Opens what the closed (or killed) program kept, in the same browser. */
  async reopen(): Promise<void> {
    const { program, browser, watched } = this.running()
    await program.close()
    const again = new BrowserProgram({ home: program.home })
    this.parts = { program: again, browser, watched }
    await this.window.open(await again.url())
  }

  async end(): Promise<void> {
    await this.parts?.browser.close()
    await this.parts?.program.remove()
  }

  private running() {
    if (this.parts === null) throw new Error('expected a started world')
    return this.parts
  }
}

/** Starts a world before the tests of a file and ends it after them; without a browser they are skipped, and say so. */
export function openWorld(
  options: BrowserContextOptions = {},
  env: Readonly<Record<string, string>> = {},
): World {
  const world = new World()
  beforeAll(async () => {
    if (whyNoBrowser === '') await world.start(options, env)
  })
  beforeEach(({ skip }) => {
    skip(whyNoBrowser !== '', whyNoBrowser)
  })
  afterAll(() => world.end())
  return world
}
