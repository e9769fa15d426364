import { fork, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { Hand } from './electron-stand-in/hand'

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))
const runner = fileURLToPath(new URL('./electron-stand-in/run.mjs', import.meta.url))
const BUILT = ['build/main.js', 'build/preload.cjs', 'build/engine-process.js', 'build/renderer/index.html']

/** A stand-in that hangs is killed; its Chromium ends when the pipe between them breaks. */
const END_LIMIT_MS = 10_000

/** Why these tests cannot run here; empty when they can. */
export const whyNoDesktop = existsSync('/usr/bin/chromium')
  ? ''
  : 'Chromium is not installed as /usr/bin/chromium'

interface Reply {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** The built desktop program, running on the stand-in, with a hand for what lies outside the page. */
export class Desktop {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #lastId = 0
  #output = ''
  #browser: Browser | undefined
  /** The exit code; null when it was killed. */
  readonly ended: Promise<number | null>

  /**
   * Starts the program; nothing is awaited.
   * @param home - becomes LONGLENS_HOME
   * @param files - of the command line
   */
  constructor(home: string, files: readonly string[] = []) {
    const missing = BUILT.filter((file) => !existsSync(join(root, file)))
    if (missing.length > 0)
      throw new Error(`expected a built program, ${missing.join(', ')} is missing: npm run build`)
    // What Chromium leaves behind when it is killed goes with the test's folder.
    const temporary = join(home, 'tmp')
    mkdirSync(temporary, { recursive: true })
    this.#child = fork(runner, [root, ...files], {
      env: { ...process.env, LONGLENS_HOME: home, TMPDIR: temporary },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString()
      })
    }
    this.#child.on('message', (message) => {
      this.#receive(message as Reply)
    })
    this.ended = new Promise((done) => {
      this.#child.once('close', (code) => {
        for (const { reject } of this.#waiting.values())
          reject(new Error(`the program ended: ${this.#output}`))
        done(code)
      })
    })
  }

  /** What the process wrote to stdout and stderr. */
  get output(): string {
    return this.#output
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Does or looks at something outside the page. */
  async hand<Name extends keyof Hand>(
    name: Name,
    ...args: Parameters<Hand[Name]>
  ): Promise<Awaited<ReturnType<Hand[Name]>>> {
    const id = (this.#lastId += 1)
    const answer = Promise.withResolvers<unknown>()
    this.#waiting.set(id, answer)
    this.#child.send({ id, name, args })
    return (await answer.promise) as Awaited<ReturnType<Hand[Name]>>
  }

  /** Tries again until `look` gives something; the test's time limit is the only one. */
  async until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
    for (;;) {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** The page of the window, once it shows the library. */
  async page(): Promise<Page> {
    const page = await this.until(async () => {
      const [window] = await this.hand('windows')
      if (window?.isShown !== true) return undefined
      this.#browser ??= await chromium.connectOverCDP(await this.hand('debuggingUrl'))
      const pages = this.#browser.contexts().flatMap((context) => context.pages())
      return pages.find((one) => one.url().startsWith('http://app.localhost:'))
    })
    await page.getByRole('list', { name: 'Library', exact: true }).waitFor({ state: 'attached' })
    return page
  }

  /** Whatever happened in the test: nothing keeps running, and nothing writes to the home folder any more. */
  async kill(): Promise<void> {
    await this.#browser?.close()
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS)
    // It may have ended, or be ending, before it hears this.
    if (this.#child.connected) this.hand('end').catch(() => undefined)
    await this.ended
    clearTimeout(late)
  }

  #receive({ id, value, error }: Reply): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(value)
    else waiting?.reject(new Error(error))
  }
}
