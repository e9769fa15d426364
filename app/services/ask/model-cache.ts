import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LANGUAGE_FILE, VISION_FILE } from '../../domain/model-description'
import { readModelFolder, type ModelFolder } from '../models/model-folder'

/** Keeps the model folder that was checked last, until one of its files changes. */
export class ModelCache {
  private kept: { readonly stamp: string; readonly model: ModelFolder } | null = null

  /** Rejects as `readModelFolder` does. */
  async open(folder: string): Promise<ModelFolder> {
    const stamp = await stampOf(folder)
    if (stamp === null || this.kept?.stamp !== stamp) {
      const model = await readModelFolder(folder)
      this.kept = { stamp: stamp ?? '', model }
      return model
    }
    return this.kept.model
  }
}

/** Names the folder's files as they are now; null when one cannot be seen: reading will say why. */
async function stampOf(folder: string): Promise<string | null> {
  try {
    const files = [LANGUAGE_FILE, VISION_FILE].map((name) => join(folder, name))
    const stats = await Promise.all(files.map((file) => stat(file)))
    return stats.map(({ size, mtimeMs, ino }, i) => `${files[i] ?? ''} ${size} ${mtimeMs} ${ino}`).join('\n')
  } catch {
    return null
  }
}
