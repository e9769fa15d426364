import { Menu } from 'electron'
import process from 'node:process'
import { chooseFiles, chooseFolder } from '../dialogs/setup-dialogs'
import { addPaths, currentWindow } from '../lifecycle/add-opened-files'
import type { Services } from '../../app/host/services'
import { developerActions, type DeveloperParts } from './developer-actions'
import { channels } from '../preload/channels'
import { menuTemplate, type MenuActions } from './menu-template'

export function setupMenu(parts: DeveloperParts & { readonly services: Services }): void {
  const { library } = parts.services
  const actions: MenuActions = {
    ...developerActions(parts),
    openFiles: () => {
      void chooseFiles(currentWindow()).then((paths) => addPaths(paths, library))
    },
    newConversation: () => {
      tellWindow('conversation.new')
    },
    openSettings: () => {
      tellWindow('program.settings')
    },
    openFolder: () => {
      void chooseFolder(currentWindow()).then((paths) => addPaths(paths, library))
    },
  }
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, process.platform)))
}

/** What the window does by itself when a key is pressed in it. */
function tellWindow(command: string): void {
  currentWindow()?.webContents.postMessage(channels.command, command)
}
