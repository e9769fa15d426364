import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter'
import './shared/theme/tokens.css'
import './shared/theme/base.css'
import { AppShell } from './shell/app-shell'
import { ErrorBoundary } from './shell/error-boundary'
import { keepInSync } from './shell/sync'
import { connectPort, connectSocket, type Connection } from './shared/client/app-client'
import { MediaUrls } from './shared/client/media-url'
import { desktopBridge } from './shared/platform/platform'
import { AppProvider } from './store/app-context'
import { createAppStore } from './store/create-app-store'

/** The port that Electron's preload script passes on, or a WebSocket to the host that served this page. */
async function connect(): Promise<Connection> {
  if (desktopBridge() === undefined) {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    return connectSocket(`${scheme}://${location.host}/rpc`)
  }
  const port = await new Promise<MessagePort>((resolve) => {
    const onMessage = (event: MessageEvent) => {
      const [port] = event.ports
      if (event.source !== window || event.data !== 'longlens:port' || port === undefined) return
      window.removeEventListener('message', onMessage)
      resolve(port)
    }
    window.addEventListener('message', onMessage)
    // The preload script hands the port over once the page listens.
    window.postMessage('longlens:ready', location.origin)
  })
  return connectPort(port)
}

const connection = await connect()
const store = createAppStore({ client: connection.client })
keepInSync(connection, store)

const root = document.getElementById('root')
if (root === null) throw new Error('expected an element with the id root')
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <AppProvider store={store} mediaUrls={new MediaUrls(connection.mediaRoot)}>
        <AppShell />
      </AppProvider>
    </ErrorBoundary>
  </StrictMode>,
)
