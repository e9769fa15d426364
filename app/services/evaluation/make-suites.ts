import { stat } from 'node:fs/promises'
import { AppError } from '../../contract/errors'
import { artCounts } from '../../domain/world/draw/art'
import { loadArtPack } from '../world/art-pack'
import { writePicture, writeScene, writeVideo } from '../world/world-files'
import { listFolder } from '../media/list-folder'
import type { EvaluationSuite, GeneratedSuiteName } from './evaluation-types'
import { readRealObjects, type RealObjects } from './real-objects-file'
import type { DrawnSuiteParts, EvaluationWorld } from './suites/drawn-suite'
import { multiSuite, singleSuite, tilesSuite, unknownSuite } from './suites/picture-suites'
import { realSuite, type RealMedia } from './suites/real-suite'
import { dialogueSuite, needleSuite, videoSuite } from './suites/video-suites'

/** Longer side of drawn pictures, and side of videos; pixels. As large as people's, far larger than the model's input. */
const SIDE = 640

export interface SuiteChoice {
  readonly seed: number
  readonly count: number | null
  readonly frames: number | null
  /** Where drawn files go while they are asked about. */
  readonly folder: string
  readonly artFolder: string
  /** Folder of photographs and clips for `real`. */
  readonly mediaFolder: string
  /** What is really to be seen in them; null: nothing that has a name. */
  readonly objectsFile: string | null
  /** Path of the ffmpeg that videos are written with; asked only when there is a video to write. */
  readonly ffmpeg: () => Promise<string>
}

const MAKERS: Readonly<
  Record<Exclude<GeneratedSuiteName, 'real'>, (parts: DrawnSuiteParts) => EvaluationSuite>
> = {
  single: singleSuite,
  video: videoSuite,
  tiles: tilesSuite,
  multi: multiSuite,
  needle: needleSuite,
  unknown: unknownSuite,
  dialogue: dialogueSuite,
}

/** throws: media_unreadable (the art pack), media_not_found, folder_empty (real media), invalid_input. */
export async function makeSuites(
  names: readonly GeneratedSuiteName[],
  choice: SuiteChoice,
): Promise<EvaluationSuite[]> {
  const { seed, count, frames, folder } = choice
  const parts: DrawnSuiteParts = { world: await openWorld(choice), folder, seed, count, frames }
  const suites: EvaluationSuite[] = []
  for (const name of names) {
    suites.push(name === 'real' ? realSuite(parts, await realMedia(choice)) : MAKERS[name](parts))
  }
  return suites
}

async function openWorld({ artFolder, ffmpeg }: SuiteChoice): Promise<EvaluationWorld> {
  const art = await loadArtPack(artFolder)
  return {
    art: artCounts(art),
    writePicture: (scene, path) => writePicture(path, scene, art, SIDE),
    writeSheet: ({ scene, width }, path) => writeScene(path, scene, art, width),
    writeVideo: async (frames, path, signal) => {
      await writeVideo({ path, frames, art, side: SIDE, ffmpeg: await ffmpeg(), signal })
    },
  }
}

async function realMedia({ mediaFolder, objectsFile }: SuiteChoice): Promise<RealMedia> {
  const isFolder = await stat(mediaFolder).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  if (!isFolder) {
    const reason = `expected a folder of photographs and clips: ${mediaFolder}`
    throw new AppError('media_not_found', reason, { file: mediaFolder })
  }
  const { files } = await listFolder(mediaFolder, {})
  if (files.length === 0) {
    throw new AppError('folder_empty', `no photographs or clips in ${mediaFolder}`, { file: mediaFolder })
  }
  const objects: RealObjects = objectsFile === null ? {} : await readRealObjects(objectsFile)
  return { files: files.map(({ path }) => path), objects }
}
