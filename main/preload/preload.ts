import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { channels } from './channels'

// Runs in a world of its own, between the sandboxed page and the main process. The page gets three functions and one
// port; `ipcRenderer` never leaves this file. The page's side is renderer/shared/platform/platform.ts.
contextBridge.exposeInMainWorld('longlens', {
  pathForFile: (file: File): string => webUtils.getPathForFile(file),
  chooseFiles: (): Promise<unknown> => ipcRenderer.invoke(channels.chooseFiles),
  chooseFolder: (): Promise<unknown> => ipcRenderer.invoke(channels.chooseFolder),
})

// The page says when it listens: a port posted before that would be lost.
window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
  if (source === window && origin === location.origin && data === 'longlens:ready') {
    ipcRenderer.send(channels.connect)
  }
})

ipcRenderer.on(channels.port, ({ ports }) => {
  // Only to this page: should the window show another one by now, the message is dropped.
  window.postMessage('longlens:port', location.origin, [...ports])
})

ipcRenderer.on(channels.command, (_event, id: unknown) => {
  window.postMessage({ longlensCommand: id }, location.origin)
})
