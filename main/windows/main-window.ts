import { app, BrowserWindow, nativeTheme, screen, type WebPreferences } from 'electron'
import { join } from 'node:path'
import { WINDOW_URL } from '../protocol/window-address'
import { watchForFailures } from './window-failures'
import {
  MIN_HEIGHT,
  MIN_WIDTH,
  placeWindow,
  readWindowState,
  writeWindowState,
  type WindowState,
} from './window-state'

export interface MainWindowOptions {
  /** The built preload script. */
  readonly preload: string
  /** File that remembers the window's place. */
  readonly stateFile: string
}

/** Written out although most are Electron's defaults: a default that changes must not change this. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  }
}

// The same as --ground in renderer/shared/theme/tokens.css, so that nothing flashes before the page paints.
const BACKGROUND = { light: '#faf9f7', dark: '#171615' }
const SAVE_AFTER_MS = 500

/** Opens the window; it shows itself once its page has been painted. */
export function openMainWindow({ preload, stateFile }: MainWindowOptions): BrowserWindow {
  const kept = readWindowState(stateFile)
  const window = new BrowserWindow({
    ...placeWindow(kept, workAreas()),
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    title: app.name,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: webPreferences(preload),
  })
  if (kept?.isMaximized === true) window.maximize()
  window.once('ready-to-show', () => {
    window.show()
  })
  keepState(window, stateFile)
  watchForFailures(window)
  void window.loadURL(WINDOW_URL)
  return window
}

/** Where the window's place is remembered. */
export function windowStateFile(dataFolder: string): string {
  return join(dataFolder, 'window.json')
}

function workAreas() {
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id)
  return [primary, ...others].map(({ workArea }) => workArea)
}

/** Saved while it changes, not only at the end: a program that is killed has no end. */
function keepState(window: BrowserWindow, file: string): void {
  let timer: NodeJS.Timeout | undefined
  const save = (): void => {
    clearTimeout(timer)
    writeWindowState(file, stateOf(window))
  }
  const saveSoon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(save, SAVE_AFTER_MS)
  }
  window.on('resize', saveSoon)
  window.on('move', saveSoon)
  window.on('close', save)
  window.on('closed', () => {
    clearTimeout(timer)
  })
}

function stateOf(window: BrowserWindow): WindowState {
  return { ...window.getNormalBounds(), isMaximized: window.isMaximized() }
}
