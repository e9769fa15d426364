import { BrowserWindow, dialog, ipcMain, type IpcMainInvokeEvent, type OpenDialogOptions } from 'electron'
import { mediaExtensions } from '../../app/domain/media/media-kinds'
import { channels } from '../preload/channels'
import { isFromWindow } from '../security/sender'

const files: OpenDialogOptions = {
  title: 'Add videos and pictures',
  buttonLabel: 'Add',
  properties: ['openFile', 'multiSelections'],
  filters: [
    { name: 'Videos and pictures', extensions: [...mediaExtensions()] },
    // The content decides what a file is, not its name.
    { name: 'All files', extensions: ['*'] },
  ],
}

const folder: OpenDialogOptions = {
  title: 'Add a folder',
  buttonLabel: 'Add',
  properties: ['openDirectory'],
}

/** The native dialogs that the window asks for through the preload script. */
export function setupDialogs(): void {
  ipcMain.handle(channels.chooseFiles, (event) => chooseFor(event, files))
  ipcMain.handle(channels.chooseFolder, (event) => chooseFor(event, folder))
}

/** Paths that the person chose; none when they cancelled. `window` is the one that the dialog belongs to. */
export function chooseFiles(window: Electron.BrowserWindow | null): Promise<string[]> {
  return choose(window, files)
}

export function chooseFolder(window: Electron.BrowserWindow | null): Promise<string[]> {
  return choose(window, folder)
}

function chooseFor(event: IpcMainInvokeEvent, options: OpenDialogOptions): Promise<string[]> {
  if (!isFromWindow(event)) throw new Error('refused: this page may not open dialogs')
  return choose(BrowserWindow.fromWebContents(event.sender), options)
}

async function choose(window: Electron.BrowserWindow | null, options: OpenDialogOptions): Promise<string[]> {
  const chosen =
    window === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(window, options)
  return chosen.canceled ? [] : chosen.filePaths
}
