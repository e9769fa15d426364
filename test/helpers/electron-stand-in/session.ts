import { needReady } from './lifecycle'
import { missing, strict, StandInEmitter } from './strict'

type RequestHandler = (
  contents: unknown,
  permission: string,
  callback: (isGranted: boolean) => void,
  details: { requestingUrl: string },
) => void
type CheckHandler = (contents: unknown, permission: string, origin: string, details: object) => boolean
type BeforeRequest = (details: { url: string }, callback: (answer: { cancel?: boolean }) => void) => void

/** Kept to be asked by the hand: headless Chromium decides about permissions without asking anybody. */
class Session extends StandInEmitter {
  onRequest: RequestHandler | undefined
  onCheck: CheckHandler | undefined
  onDevice: ((details: object) => boolean) | undefined
  beforeRequest: BeforeRequest | undefined
  isSpellChecking = true
  readonly webRequest = strict('session.webRequest', {
    onBeforeRequest: (filter: { urls: string[] }, listener: BeforeRequest): void => {
      if (filter.urls.join() !== '<all_urls>') throw missing('filters of webRequest.onBeforeRequest')
      this.beforeRequest = listener
    },
  })

  constructor() {
    super('session', ['will-download'])
  }

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.onRequest = handler
  }

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.onCheck = handler
  }

  setDevicePermissionHandler(handler: (details: object) => boolean): void {
    this.onDevice = handler
  }

  setSpellCheckerEnabled(isEnabled: boolean): void {
    this.isSpellChecking = isEnabled
  }
}

export const theSession = new Session()
const proxy = strict('session.defaultSession', theSession)

export const session = strict('session', {
  get defaultSession() {
    needReady('session')
    return proxy
  },
})

/** What `webRequest.onBeforeRequest` says about an address. */
export function isRequestAllowed(url: string): Promise<boolean> {
  const { beforeRequest } = theSession
  if (beforeRequest === undefined) return Promise.resolve(true)
  return new Promise((resolve) => {
    beforeRequest({ url }, ({ cancel }) => {
      resolve(cancel !== true)
    })
  })
}
