import { app, session } from 'electron'
import { setupFailureDialogs, tellAndExit } from './dialogs/failure-dialogs'
import { setupDialogs } from './dialogs/setup-dialogs'
import { setupOpenedFiles } from './lifecycle/add-opened-files'
import { builtFiles } from './lifecycle/built-files'
import { setupFolders } from './lifecycle/folders'
import type { OpenRequests } from './lifecycle/open-requests'
import { setupProgram } from './lifecycle/program'
import { setupQuit } from './lifecycle/quit'
import { setupSingleInstance } from './lifecycle/single-instance'
import { setupMenu } from './menu/setup-menu'
import { setupPorts } from './protocol/setup-ports'
import { setupProtocol } from './protocol/setup-protocol'
import { setupChromium } from './security/chromium'
import { setupPermissions } from './security/permissions'
import { setupWebContents } from './security/web-contents'
import { openMainWindow, windowStateFile } from './windows/main-window'
import { setupTheme } from './windows/theme'

/** The boot order of the desktop program, and nothing else. */
function start(opened: OpenRequests): void {
  const program = setupProgram()
  const { services, engine } = program
  const openWindow = (): void => {
    openMainWindow({ preload: builtFiles.preload, stateFile: windowStateFile(services.folders.data) })
  }
  setupQuit(program.close, openWindow)
  setupPermissions(session.defaultSession)
  setupProtocol({ windowFolder: builtFiles.windowFolder, services })
  setupPorts(services)
  setupDialogs()
  setupMenu({ services, engine, folders: services.folders })
  setupTheme(services)
  openWindow()
  setupOpenedFiles(opened, services.library)
}

// Before Chromium is ready. No top-level await: Electron waits with `ready` until this file has been run.
setupFailureDialogs()
setupFolders()
setupChromium()
setupWebContents()
const opened = setupSingleInstance()
if (opened === null) app.quit()
else
  app
    .whenReady()
    .then(() => {
      start(opened)
    })
    .catch(tellAndExit)
