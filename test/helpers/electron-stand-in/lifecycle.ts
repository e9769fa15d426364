import { mkdirSync } from 'node:fs'
import process from 'node:process'
import { takeLock } from './instance-lock'
import { missing, strict, StandInEmitter, StandInEvent } from './strict'

interface ClosableWindow {
  close(): void
  isDestroyed(): boolean
}

/** The parts of the stand-in that the program's end concerns. */
export const life = {
  windows: new Set<ClosableWindow>(),
  isReady: false,
  isQuitting: false,
  /** Run before the process ends: closes Chromium and the server. */
  atEnd: [] as (() => Promise<void>)[],
  /** Run before `ready`. */
  atStart: [] as (() => Promise<void>)[],
}

const paths = new Map<string, string>()
let about = { name: '', version: '' }
const { promise: ready, resolve: becomeReady } = Promise.withResolvers<undefined>()

class App extends StandInEmitter {
  readonly isPackaged = false
  readonly commandLine = strict('app.commandLine', {
    switches: [] as string[],
    appendSwitch(name: string) {
      if (life.isReady) throw new Error('switches have to be set before the app is ready')
      this.switches.push(name)
    },
  })

  constructor() {
    super('app', [
      ...['window-all-closed', 'will-quit', 'activate', 'web-contents-created'],
      ...['second-instance', 'open-file'],
    ])
  }

  get name(): string {
    return about.name
  }

  getVersion(): string {
    return about.version
  }

  setPath(name: string, path: string): void {
    if (!['userData', 'sessionData', 'crashDumps'].includes(name)) throw missing(`app.setPath("${name}")`)
    mkdirSync(path, { recursive: true })
    paths.set(name, path)
  }

  enableSandbox(): void {
    if (life.isReady) throw new Error('app.enableSandbox() can only be called before app is ready')
  }

  whenReady(): Promise<undefined> {
    return ready
  }

  requestSingleInstanceLock(additionalData: unknown): boolean {
    return takeLock(pathOf('userData'), additionalData, (data) => {
      this.emit('second-instance', new StandInEvent(), [], '', data)
    })
  }

  quit(): void {
    life.isQuitting = true
    setImmediate(() => {
      for (const window of [...life.windows]) window.close()
      if (life.windows.size > 0) {
        life.isQuitting = false
        return
      }
      const event = new StandInEvent()
      this.emit('will-quit', event)
      if (!event.defaultPrevented) this.exit(0)
    })
  }

  exit(code = 0): void {
    void Promise.allSettled(life.atEnd.map((end) => end())).then(() => process.exit(code))
  }
}

export const theApp = new App()
export const app = strict('app', theApp)

export function pathOf(name: string): string {
  const path = paths.get(name)
  if (path === undefined) throw missing(`a default for app.getPath("${name}")`)
  return path
}

export function needReady(what: string): void {
  if (!life.isReady) throw new Error(`${what} can only be used after the app is ready`)
}

export function windowClosed(window: ClosableWindow): void {
  life.windows.delete(window)
  if (life.windows.size === 0 && !life.isQuitting) theApp.emit('window-all-closed')
}

/** For run.mjs only. */
export const boot = {
  describe(description: { name: string; version: string }): void {
    about = description
  },
  appCodeLoaded(): void {
    if (life.isQuitting) return
    void Promise.all(life.atStart.map((start) => start())).then(() => {
      life.isReady = true
      becomeReady(undefined)
    })
  },
}
