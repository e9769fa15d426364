import { statSync } from 'node:fs'
import { basename } from 'node:path'
import process from 'node:process'
import { openWindows } from './browser-window'
import { openChromium } from './chromium'
import { clickMenu, desktop, type MenuItem } from './desktop'
import { theApp } from './lifecycle'
import { onThemeChange, nativeTheme } from './native-theme'
import { fromChromium } from './protocol'
import { theSession } from './session'
import { StandInEvent } from './strict'
import { utilityPids } from './utility-process'

/** What a test can see and do of what lies outside the page: the hands and eyes of the person at the desktop. */
const hand = {
  async windows() {
    return Promise.all(
      openWindows().map(async (window) => ({
        url: fromChromium((await window.page).url()),
        options: window.options,
        bounds: window.bounds,
        isShown: window.isShown,
        focusCount: window.focusCount,
      })),
    )
  },
  debuggingUrl: async () => (await openChromium()).debuggingUrl,
  menu: () => labelsOf(desktop.menu),
  clickMenu: (path: string[]) => {
    clickMenu(path)
  },
  dialogs: () => desktop.dialogs.map(({ kind, options }) => ({ kind, options })),
  answerDialog: (value: object) => {
    const shown = desktop.dialogs.shift()
    if (shown === undefined) throw new Error('expected a dialog, none is open')
    shown.answer(value)
  },
  clipboard: () => desktop.clipboard,
  openFile: (path: string) => {
    theApp.emit('open-file', new StandInEvent(), path)
  },
  placeWindow: (bounds: { x: number; y: number; width: number; height: number }) => first().place(bounds),
  closeWindow: () => {
    first().close()
  },
  askPermission: (permission: string, requestingUrl: string) =>
    new Promise((resolve) => {
      if (theSession.onRequest === undefined) resolve(true)
      else theSession.onRequest(null, permission, resolve, { requestingUrl })
    }),
  drop: dropFiles,
  utilityPids: () => [...utilityPids],
  switches: () => theApp.commandLine.switches,
  /** Ends the stand-in with its Chromium, whatever the program would say to it. */
  end: () => {
    theApp.exit(0)
  },
  isDark: () => nativeTheme.shouldUseDarkColors,
  isSpellChecking: () => theSession.isSpellChecking,
}

export type Hand = typeof hand
export type HandCall = { [Name in keyof Hand]: { name: Name; args: Parameters<Hand[Name]> } }[keyof Hand]

function first() {
  const [window] = openWindows()
  if (window === undefined) throw new Error('expected a window, none is open')
  return window
}

/** Files of the disk, dragged onto a point of the window. */
async function dropFiles(paths: string[], point: { x: number; y: number }): Promise<void> {
  const window = first()
  const page = await window.page
  window.contents.setDropped(
    paths.map((path) => {
      const { size, mtimeMs } = statSync(path)
      return { path, name: basename(path), size, lastModified: Math.floor(mtimeMs) }
    }),
  )
  const cdp = await page.context().newCDPSession(page)
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await cdp.send('Input.dispatchDragEvent', {
      type,
      ...point,
      data: { items: [], files: paths, dragOperationsMask: 1 },
    })
  }
  await cdp.detach()
}

function labelsOf(items: readonly MenuItem[]): unknown[] {
  return items.map(({ label, role, type, accelerator, submenu }) => ({
    name: label?.replace('&', '') ?? role ?? type,
    ...(accelerator === undefined ? {} : { accelerator }),
    ...(submenu === undefined ? {} : { submenu: labelsOf(submenu) }),
  }))
}

/** Obeys the test, which started this process with a channel to it. */
export function startHand(): void {
  onThemeChange(() => {
    const colorScheme = nativeTheme.shouldUseDarkColors ? 'dark' : 'light'
    for (const window of openWindows()) void window.page.then((page) => page.emulateMedia({ colorScheme }))
  })
  process.on('message', ({ id, name, args }: { id: number } & HandCall) => {
    Promise.resolve()
      .then(() => (hand[name] as (...args: unknown[]) => unknown)(...args))
      .then(
        (value) => process.send?.({ id, value }),
        (error: unknown) => process.send?.({ id, error: String(error) }),
      )
  })
}
