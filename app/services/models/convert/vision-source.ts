import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { invalidCheckpoint } from '../checkpoint/checkpoint-errors'
import { CheckpointTensors, hasWeights } from '../checkpoint/checkpoint-tensors'
import type { LanguageConfig } from '../checkpoint/language-config'
import { readVisionConfig, recogniseOpenAiTower } from '../checkpoint/vision-config'
import type { VisionConfig } from '../checkpoint/vision-config'
import { INNER_TOWER_PREFIX } from './language-tensors'

/** Where the tower's sizes and weights come from. Owns `folderTensors` when there are some. */
export interface VisionSource {
  readonly vision: VisionConfig
  /** The tower folder's weights; null takes the copy inside the checkpoint. */
  readonly folderTensors: CheckpointTensors | null
  /** Folder or file named when a tensor is missing. */
  readonly place: string
}

/**
 * The folder that `mm_vision_tower` names, if it is there: relative to the checkpoint or to the folder beside it,
 * and nowhere else. An absolute path is its author's and says nothing about this machine.
 */
async function findNamedTower(checkpointFolder: string, tower: string | undefined): Promise<string | null> {
  if (tower === undefined || isAbsolute(tower)) return null
  const parent = dirname(resolve(checkpointFolder))
  for (const base of [resolve(checkpointFolder), parent]) {
    const folder = resolve(base, tower)
    const inside = relative(parent, folder)
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) continue
    if ((await stat(join(folder, 'config.json')).catch(() => null))?.isFile() === true) return folder
  }
  return null
}

/**
 * Decides where the vision tower comes from: a folder that the person names, else the folder that config.json names
 * beside the checkpoint, else the copy inside the checkpoint if its shapes are those of one of OpenAI's towers.
 * throws: checkpoint_invalid, checkpoint_unsupported, naming file and key.
 */
export async function findVisionSource(
  checkpointFolder: string,
  visionFolder: string | undefined,
  config: LanguageConfig,
  checkpoint: CheckpointTensors,
): Promise<VisionSource> {
  const inner = (name: string) => checkpoint.entries.get(`${INNER_TOWER_PREFIX}vision_model.${name}`)
  const hasInner = inner('embeddings.class_embedding') !== undefined
  const folder = visionFolder ?? (await findNamedTower(checkpointFolder, config.visionTower))
  if (folder === null) {
    const place = inner('embeddings.class_embedding')?.file ?? config.file
    const vision = recogniseOpenAiTower(place, inner)
    if (vision !== undefined) return { vision, folderTensors: null, place }
    const reason = hasInner
      ? 'the vision tower inside the checkpoint has no config; name the folder of its CLIP model with --vision'
      : 'the checkpoint holds no vision tower; name the folder of its CLIP model with --vision'
    throw invalidCheckpoint(config.file, reason)
  }
  const vision = await readVisionConfig(folder)
  checkWidth(config, vision)
  // OpenAI's own folder holds pickled weights; the frozen copy inside the checkpoint is the same tower.
  if (hasInner && !(await hasWeights(folder))) return { vision, folderTensors: null, place: checkpoint.file }
  const folderTensors = await CheckpointTensors.open(folder)
  return { vision, folderTensors, place: folderTensors.file }
}

function checkWidth(config: LanguageConfig, vision: VisionConfig): void {
  if (vision.width === config.visionWidth) return
  throw invalidCheckpoint(
    vision.file,
    `hidden_size is ${vision.width}, but mm_hidden_size of the checkpoint's config.json is ${config.visionWidth}`,
  )
}
