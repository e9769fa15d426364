import { readFileSync } from 'node:fs'
import type { CDPSession, Page, Request as PageRequest } from 'playwright-core'
import { callInvokeHandler, theIpcMain } from './ipc-main'
import { theApp } from './lifecycle'
import type { MessagePortMain } from './ports'
import { fromChromium, toChromium } from './protocol'
import { strict, StandInEmitter, StandInEvent } from './strict'

/** The isolated world in which preload scripts run. */
const WORLD = 'electron-stand-in-preload'
const pageWorld = readFileSync(new URL('./page-world.js', import.meta.url), 'utf8')
const preloadWorld = readFileSync(new URL('./preload-world.js', import.meta.url), 'utf8')

type FromPreload =
  | { type: 'send'; channel: string; args: unknown[] }
  | { type: 'invoke'; id: number; channel: string; args: unknown[] }
  | { type: 'port'; id: number; data: string }

interface World {
  readonly cdp: CDPSession
  /** Chromium's number for the preload's world in the page of the moment. */
  contextId: number
}

let lastId = 0

/** A page of Chromium with the preload script in a world of its own. */
export class WebContents extends StandInEmitter {
  readonly id = (lastId += 1)
  readonly #preload: string
  #page: Page | undefined
  #world: World | undefined
  #ports = new Map<number, MessagePortMain>()
  #openHandler: ((details: { url: string }) => { action: string }) | undefined
  /** Addresses that the program itself loads: not a navigation of the page. */
  #own = ''
  #isCrashed = false
  /** Set by the window. */
  revive: () => Promise<unknown> = () => Promise.resolve()
  readonly proxy: WebContents

  constructor(preloadFile: string) {
    super('webContents', [
      ...['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'],
      'render-process-gone',
    ])
    this.#preload = readFileSync(preloadFile, 'utf8')
    this.proxy = strict('webContents', this)
    theApp.emit('web-contents-created', new StandInEvent(), this.proxy)
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler
  }

  /** After a crash there is no page that could be loaded again: the window gives a new one. */
  reload(): void {
    const page = this.#isCrashed ? this.revive() : Promise.resolve()
    void page.then(() => this.load(this.#own))
  }

  postMessage(channel: string, message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const ids = transfer.map((port) => {
      const id = (lastId += 1)
      const staying = port.moveTo({
        send: (data) => {
          this.#inWorld('portMessage', id, data)
        },
      })
      this.#ports.set(id, staying)
      return id
    })
    this.#inWorld('deliver', channel, message, ids)
  }

  /** The page that this is, once the window has one. Only for the stand-in's own parts. */
  async attach(page: Page): Promise<void> {
    this.#page = page
    this.#ports = new Map()
    this.#isCrashed = false
    const cdp = await page.context().newCDPSession(page)
    const world: World = { cdp, contextId: 0 }
    this.#world = world
    cdp.on('Runtime.bindingCalled', ({ payload, executionContextId }) => {
      world.contextId = executionContextId
      this.#receive(JSON.parse(payload) as FromPreload)
    })
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === world.contextId) this.#closePorts()
    })
    await cdp.send('Page.enable')
    await cdp.send('Runtime.enable')
    await cdp.send('Runtime.addBinding', { name: 'standInSend', executionContextName: WORLD })
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: onlyOnTop(pageWorld) })
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: onlyOnTop(`${preloadWorld}\n${asModule(this.#preload)}`),
      worldName: WORLD,
    })
    page.on('popup', (popup) => {
      // Chromium has opened it before anybody could ask; it closes before anything is done with it.
      if (this.#openHandler?.({ url: popup.url() }).action !== 'deny')
        throw new Error('the electron stand-in does not implement windows that a page opens')
      void popup.close()
    })
    page.on('crash', () => {
      this.#isCrashed = true
      this.#closePorts()
      this.emit('render-process-gone', new StandInEvent(), { reason: 'crashed', exitCode: 1 })
    })
    page.on('close', () => {
      this.#closePorts()
    })
  }

  async load(address: string): Promise<void> {
    this.#own = address
    if (this.#page === undefined) throw new Error('expected a page')
    await this.#page.goto(toChromium(address))
  }

  /** Asks the program about a navigation that the page began. */
  mayNavigate(request: PageRequest): boolean {
    const url = fromChromium(request.url())
    const isMain = request.frame() === this.#page?.mainFrame()
    if (isMain && url === this.#own) return true
    const event = new StandInEvent({ url, isMainFrame: isMain })
    if (request.redirectedFrom() !== null) this.emit('will-redirect', event)
    else {
      this.emit('will-frame-navigate', event)
      if (isMain) this.emit('will-navigate', event)
    }
    return !event.defaultPrevented
  }

  setDropped(files: readonly object[]): void {
    this.#inWorld('setDropped', files)
  }

  #receive(message: FromPreload): void {
    const url = fromChromium(this.#page?.url() ?? '')
    const event = { sender: this.proxy, senderFrame: { url, parent: null } }
    if (message.type === 'port') this.#ports.get(message.id)?.receive(message.data)
    else if (message.type === 'send') theIpcMain.emit(message.channel, event, ...message.args)
    else {
      const { channel, args } = message
      Promise.resolve()
        .then(() => callInvokeHandler(channel, event, args))
        .then(
          (value) => {
            this.#inWorld('settle', message.id, { value })
          },
          (error: unknown) => {
            this.#inWorld('settle', message.id, { error: String(error) })
          },
        )
    }
  }

  /** Calls a function of preload-world.js. Its world may be gone by then, as a page may be. */
  #inWorld(name: string, ...args: unknown[]): void {
    const world = this.#world
    if (world === undefined) throw new Error('expected a page')
    const expression = `standIn.${name}(${args.map((arg) => JSON.stringify(arg ?? null)).join(', ')})`
    void world.cdp.send('Runtime.evaluate', { expression, contextId: world.contextId }).catch(() => undefined)
  }

  #closePorts(): void {
    const ports = [...this.#ports.values()]
    this.#ports.clear()
    for (const port of ports) port.emit('close')
  }
}

/** Preload scripts are not run in frames inside the page. */
function onlyOnTop(script: string): string {
  return `if (window === window.top) { ${script}\n }`
}

/** The built preload script is one CommonJS module. */
function asModule(source: string): string {
  return `;(function (require, module, exports) {\n${source}\n})((name) => {
    if (name !== 'electron') throw new Error('a sandboxed preload script cannot require ' + name)
    return standIn
  }, { exports: {} }, {})`
}
