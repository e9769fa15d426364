import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { resolveFolders } from '../../services/folders'
import { bundledModelFolder } from '../program-root'
import type { CliContext } from './run-cli'

/**
 * The model folder that a person names: a path, or the name of a folder in the models folder, or of the bundled model;
 * the bundled model when none is named. What exists first wins; what exists nowhere stays a path, for the error to show.
 */
export async function findModelFolder(
  name: string | undefined,
  { cwd, env }: Pick<CliContext, 'cwd' | 'env'>,
): Promise<string> {
  const bundled = bundledModelFolder()
  if (name === undefined) return bundled
  const path = resolve(cwd, name)
  const isPlainName = basename(name) === name
  const named = isPlainName ? [join(resolveFolders(env).models, name)] : []
  if (isPlainName && name === basename(bundled)) named.push(bundled)
  for (const folder of [path, ...named]) if (await isFolder(folder)) return folder
  return path
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}
