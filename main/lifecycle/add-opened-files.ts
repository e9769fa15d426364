import { app, BrowserWindow, dialog, type MessageBoxOptions } from 'electron'
import { toKeptFailure } from '../../app/contract/error-map'
import { isCancelled, toAppError } from '../../app/contract/errors'
import type { AddEvent } from '../../app/contract/library'
import type { Services } from '../../app/host/services'
import { refusalText } from '../dialogs/failure-dialogs'
import type { OpenRequests } from './open-requests'

type Refusal = Extract<AddEvent, { kind: 'refused' }>

/** Adds what is handed over to the library, and shows the window to whoever started the program again. */
export function setupOpenedFiles(requests: OpenRequests, library: Services['library']): void {
  requests.deliverTo((paths) => {
    void addPaths(paths, library)
  })
  app.on('second-instance', showWindow)
}

/** Never rejects: what could not be added is told in a dialog. Windows learn of new items by themselves. */
export async function addPaths(paths: readonly string[], library: Services['library']): Promise<void> {
  if (paths.length === 0) return
  const refused = await refusalsOf(paths, library)
  if (refused.length === 0) return
  const box: MessageBoxOptions = { type: 'warning', buttons: ['OK'], ...refusalText(refused) }
  const window = currentWindow()
  await (window === null ? dialog.showMessageBox(box) : dialog.showMessageBox(window, box))
}

async function refusalsOf(paths: readonly string[], library: Services['library']): Promise<Refusal[]> {
  const refused: Refusal[] = []
  try {
    for await (const event of library.add(paths)) if (event.kind === 'refused') refused.push(event)
  } catch (thrown) {
    // Quitting ends running work; nobody is left to be told.
    if (isCancelled(thrown)) return []
    refused.push({ kind: 'refused', path: paths[0] ?? '', failure: toKeptFailure(toAppError(thrown)) })
  }
  return refused
}

/** The window that a dialog belongs to. */
export function currentWindow(): Electron.BrowserWindow | null {
  return BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0] ?? null
}

function showWindow(): void {
  const window = currentWindow()
  if (window === null) return
  if (window.isMinimized()) window.restore()
  window.focus()
}
