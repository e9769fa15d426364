import type { Page, Route } from 'playwright-core'
import { openChromium } from './chromium'
import { life, needReady, theApp, windowClosed } from './lifecycle'
import { fromChromium } from './protocol'
import { nativeTheme } from './native-theme'
import { isRequestAllowed } from './session'
import { onlyKeys, strict, StandInEmitter, StandInEvent } from './strict'
import { WebContents } from './web-contents'

export interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

export interface WindowOptions {
  x?: number
  y?: number
  width: number
  height: number
  webPreferences: Record<string, unknown> & { preload: string }
}

const KNOWN = [
  'x',
  'y',
  'width',
  'height',
  'minWidth',
  'minHeight',
  'title',
  'show',
  'backgroundColor',
  'webPreferences',
]

const windows: Window[] = []

/** A window is a page of headless Chromium, and some state that a person would see. */
class Window extends StandInEmitter {
  readonly options: WindowOptions
  readonly contents: WebContents
  readonly proxy: Window
  page: Promise<Page>
  bounds: Bounds
  isShown = false
  isLarge = false
  focusCount = 0
  #isDestroyed = false

  constructor(options: WindowOptions) {
    super('BrowserWindow', ['ready-to-show', 'resize', 'move', 'close', 'closed', 'unresponsive'])
    needReady('BrowserWindow')
    onlyKeys('new BrowserWindow', options, KNOWN)
    const { sandbox, contextIsolation, nodeIntegration } = options.webPreferences
    if (sandbox !== true || contextIsolation !== true || nodeIntegration !== false)
      throw new Error(
        'the stand-in has only sandboxed pages without Node, with a preload in a world of its own',
      )
    this.options = options
    const { width, height } = options
    this.bounds = { x: options.x ?? (1920 - width) / 2, y: options.y ?? (1040 - height) / 2, width, height }
    this.contents = new WebContents(options.webPreferences.preload)
    this.page = this.#open()
    this.contents.revive = async () => {
      const crashed = await this.page
      this.page = this.#open()
      await this.page
      await crashed.close()
    }
    this.page.catch((error: unknown) => {
      process.stderr.write(`stand-in: ${String(error)}\n`)
      theApp.exit(1)
    })
    this.proxy = strict('BrowserWindow', this)
    windows.push(this)
    life.windows.add(this)
  }

  get webContents(): WebContents {
    return this.contents.proxy
  }

  async loadURL(address: string): Promise<void> {
    await this.page
    await this.contents.load(address)
    this.emit('ready-to-show')
  }

  show(): void {
    this.isShown = true
  }

  focus(): void {
    this.focusCount += 1
  }

  maximize(): void {
    this.isLarge = true
  }

  isMaximized(): boolean {
    return this.isLarge
  }

  isMinimized(): boolean {
    return false
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  getNormalBounds(): Bounds {
    return { ...this.bounds }
  }

  /** What a person does with the mouse. */
  async place(bounds: Bounds): Promise<void> {
    this.bounds = { ...bounds }
    await (await this.page).setViewportSize({ width: bounds.width, height: bounds.height })
    this.emit('move')
    this.emit('resize')
  }

  close(): void {
    if (this.#isDestroyed) return
    const event = new StandInEvent()
    this.emit('close', event)
    if (event.defaultPrevented) return
    this.#isDestroyed = true
    windows.splice(windows.indexOf(this), 1)
    this.emit('closed')
    void this.page.then((page) => page.close())
    windowClosed(this)
  }

  async #open(): Promise<Page> {
    const { context } = await openChromium()
    const page = await context.newPage()
    const { width, height } = this.bounds
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme: nativeTheme.shouldUseDarkColors ? 'dark' : 'light' })
    await page.route('**/*', (route) => this.#onRequest(route))
    await this.contents.attach(page)
    return page
  }

  async #onRequest(route: Route): Promise<void> {
    const request = route.request()
    const isAllowed =
      (!request.isNavigationRequest() || this.contents.mayNavigate(request)) &&
      (await isRequestAllowed(fromChromium(request.url())))
    await (isAllowed ? route.continue() : route.abort('aborted'))
  }
}

/** The windows as the hand sees them. */
export function openWindows(): readonly Window[] {
  return windows
}

function construct(options: WindowOptions): Window {
  return new Window(options).proxy
}

/** Called with `new`: a function may return what stands for the object. */
export const BrowserWindow = strict(
  'BrowserWindow',
  Object.assign(construct, {
    getAllWindows: (): Window[] => windows.map(({ proxy }) => proxy),
    getFocusedWindow: (): Window | null => windows.at(-1)?.proxy ?? null,
    fromWebContents: (contents: WebContents): Window | null =>
      windows.find((window) => window.contents.id === contents.id)?.proxy ?? null,
  }),
)
