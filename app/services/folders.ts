import envPaths from 'env-paths'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'

/** Where everything is kept. The cache may be deleted at any time; the others are the person's. */
export interface Folders {
  readonly data: string
  readonly cache: string
  readonly models: string
}

/** The platform's folders, or all three under `LONGLENS_HOME`. Nothing is created. */
export function resolveFolders(env: Readonly<Record<string, string | undefined>> = process.env): Folders {
  const home = env['LONGLENS_HOME']
  if (home !== undefined && home !== '') {
    const root = resolve(home)
    return { data: join(root, 'data'), cache: join(root, 'cache'), models: join(root, 'models') }
  }
  const paths = envPaths('longlens', { suffix: '' })
  return { data: paths.data, cache: paths.cache, models: join(paths.data, 'models') }
}

/** Creates what is missing, readable by the person alone: questions and thumbnails are private. */
export function createFolders(folders: Folders): Folders {
  for (const folder of [folders.data, folders.cache, folders.models]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  return folders
}

/** Where the database lies inside the data folder. */
export function databaseFile(folders: Folders): string {
  return join(folders.data, 'longlens.sqlite')
}
