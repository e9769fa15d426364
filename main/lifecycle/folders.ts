import { app } from 'electron'
import { join } from 'node:path'
import process from 'node:process'
import { createFolders, resolveFolders, type Folders } from '../../app/services/folders'

/**
 * Puts Chromium's own files below Longlens's folders, so that `LONGLENS_HOME` moves everything and two homes are two
 * programs. Before anything else: the single-instance lock lies in `userData`.
 */
export function setupFolders(env: Readonly<Record<string, string | undefined>> = process.env): Folders {
  const folders = createFolders(resolveFolders(env))
  app.setPath('userData', join(folders.data, 'desktop'))
  app.setPath('sessionData', join(folders.cache, 'desktop'))
  app.setPath('crashDumps', join(folders.cache, 'desktop', 'crashes'))
  return folders
}
