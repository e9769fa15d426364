import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toAppError, type AppError } from '../../contract/errors'
import { LANGUAGE_FILE, VISION_FILE, type ModelDescription } from '../../domain/model-description'
import { readModelFolder } from './model-folder'

interface Listed {
  readonly folder: string
  readonly bundled: boolean
  readonly sizeBytes: number
}

export type ListedModel =
  | (Listed & { readonly kind: 'sound'; readonly description: ModelDescription })
  | (Listed & { readonly kind: 'broken'; readonly error: AppError })

/** The bundled model first, then every folder in the models folder that holds a model file, by name. */
export async function listModelFolders(modelsFolder: string, bundledFolder: string): Promise<ListedModel[]> {
  const names = await folderNames(modelsFolder)
  const own = await Promise.all(names.map((name) => listOne(join(modelsFolder, name), false)))
  const bundled = await listOne(bundledFolder, true)
  return [bundled, ...own].filter((model) => model !== null)
}

async function folderNames(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    // A leading dot marks an import that is still running.
    const folders = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
    return folders.map(({ name }) => name).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  } catch (thrown) {
    // Without a models folder there are no models in it.
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw thrown
  }
}

/** null for a folder that holds neither file of a model: it is something else. */
async function listOne(folder: string, bundled: boolean): Promise<ListedModel | null> {
  const sizes = await Promise.all([LANGUAGE_FILE, VISION_FILE].map((name) => fileSize(join(folder, name))))
  if (!bundled && sizes.every((size) => size === null)) return null
  const sizeBytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
  try {
    const { description } = await readModelFolder(folder)
    return { kind: 'sound', folder, bundled, sizeBytes, description }
  } catch (thrown) {
    return { kind: 'broken', folder, bundled, sizeBytes, error: toAppError(thrown) }
  }
}

async function fileSize(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size
  } catch {
    return null
  }
}
