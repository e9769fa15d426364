import type { MenuItemConstructorOptions } from 'electron'

/** What the menu's own entries do; everything else in it is a role that Electron implements. */
export interface MenuActions {
  readonly openFiles: () => void
  readonly openFolder: () => void
  readonly newConversation: () => void
  readonly openSettings: () => void
  readonly crashEngine: () => void
  readonly hangEngine: () => void
  readonly starveEngine: () => void
  readonly restartEngine: () => void
  readonly showLogs: () => void
  readonly copyDiagnostics: () => void
}

const separator: MenuItemConstructorOptions = { type: 'separator' }

/**
 * The menu bar. Keys that the window itself handles are shown in it and not taken: a key that a menu takes never
 * reaches a page. (On a Mac a menu takes every key that it shows; it then does the same as the page.)
 */
export function menuTemplate(actions: MenuActions, platform: NodeJS.Platform): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        {
          label: '&New Conversation',
          accelerator: 'CmdOrCtrl+N',
          registerAccelerator: false,
          click: actions.newConversation,
        },
        separator,
        { label: 'Open &Videos or Pictures…', accelerator: 'CmdOrCtrl+O', click: actions.openFiles },
        { label: 'Open F&older…', accelerator: 'CmdOrCtrl+Shift+O', click: actions.openFolder },
        separator,
        {
          label: '&Settings…',
          accelerator: 'CmdOrCtrl+,',
          registerAccelerator: false,
          click: actions.openSettings,
        },
        separator,
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      label: '&Developer',
      submenu: [
        { label: '&Restart the Engine', click: actions.restartEngine },
        { label: '&Crash the Engine', click: actions.crashEngine },
        { label: '&Hang the Engine', click: actions.hangEngine },
        { label: 'S&tarve the Engine', click: actions.starveEngine },
        separator,
        { label: 'Show &Logs', click: actions.showLogs },
        { label: 'Copy &Diagnostics', click: actions.copyDiagnostics },
        separator,
        { role: 'toggleDevTools' },
      ],
    },
    ...(isMac ? [] : [{ label: '&Help', submenu: [{ role: 'about' } as const] }]),
  ]
}
