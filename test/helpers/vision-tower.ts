import { join } from 'node:path'
import type { EngineBinding, NativeVisionTower, VisionParams } from '../../app/engine/engine-binding'
import { openEngine, withFolder } from './tiny-model-engine'
import { writeTower, type Tower } from './vision-file'

/** Plain 32-bit attention, as in parity runs. */
export const visionParams: Omit<VisionParams, 'path'> = {
  // More than one only spins on a machine that runs other tests at the same time.
  threads: 1,
  flashAttention: false,
  batchImages: 4,
  device: '',
}

/** Writes the tower's file, loads it, and disposes of it afterwards. */
export async function withTower<Result>(
  tower: Tower,
  use: (native: NativeVisionTower, binding: EngineBinding) => Promise<Result>,
  params: Partial<VisionParams> = {},
): Promise<Result> {
  return withFolder(async (folder) => {
    const path = join(folder, 'vision.gguf')
    await writeTower(path, tower)
    const binding = openEngine()
    const native = await binding.loadVisionTower({ ...visionParams, path, ...params }, undefined)
    try {
      return await use(native, binding)
    } finally {
      await native.dispose()
    }
  })
}
