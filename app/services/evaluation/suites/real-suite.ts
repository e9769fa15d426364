import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ArtCounts } from '../../../domain/world/composition'
import { kindOfName } from '../../../domain/media/media-kinds'
import { makeBackground } from '../../../domain/world/make-background'
import { withArticle } from '../../../domain/world/lexicon'
import { createRandom, type WorldRandom } from '../../../domain/world/random'
import { WORLD_OBJECTS, type Scene } from '../../../domain/world/scene'
import type { EvaluationCase, EvaluationSuite, EvaluationTurn } from '../evaluation-types'
import { WHAT_IS_THERE } from '../bars'
import { namedObjects } from '../named-objects'
import type { RealObjects } from '../real-objects-file'
import { medium, times, type DrawnSuiteParts } from './drawn-suite'

const PICTURE_QUESTIONS = ['What is in the picture?', 'What do you see?', 'Describe the picture.']
const VIDEO_QUESTIONS = ['What is in the video?', 'What do you see?', 'Summarize the video.']

const CROPS = 60
/** Beside a crop: a clip is read, a photograph may be large. */
const FILE_COST = 4
const CROP_QUESTIONS = 2
const CROP_ASPECTS = [1, 4 / 3, 3 / 2, 16 / 9]

export interface RealMedia {
  /** Photographs and clips; what a person calls real. */
  readonly files: readonly string[]
  readonly objects: RealObjects
}

/** Photographs and clips of the real world, and crops of the art pack's photographs that training never showed. */
export function realSuite(parts: DrawnSuiteParts, { files, objects }: RealMedia): EvaluationSuite {
  const { world, seed, folder } = parts
  return {
    name: 'real',
    costs: [...times(files.length, FILE_COST), ...times(parts.count ?? CROPS, 1)],
    draw: async (index) => {
      const random = createRandom('evaluation', 'real', seed, index)
      const file = files[index]
      if (file !== undefined) return { cases: casesOf(random, file, objects[basename(file)] ?? [], Infinity) }
      const path = join(folder, `photograph-${index - files.length}.jpg`)
      await world.writePicture(photograph(random, world.art), path)
      return {
        cases: casesOf(random, path, [], CROP_QUESTIONS),
        remove: async () => {
          await rm(path, { force: true })
        },
      }
    },
  }
}

/** A crop of a photograph with nothing drawn on it. */
function photograph(random: WorldRandom, art: ArtCounts): Scene {
  return {
    split: 'test',
    aspect: random.pick(CROP_ASPECTS),
    background: makeBackground(random, art.test, 'photo'),
    items: [],
    effects: { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 0 },
  }
}

/** Open questions, and one about an object that is not there. */
function casesOf(
  random: WorldRandom,
  path: string,
  present: readonly string[],
  most: number,
): EvaluationCase[] {
  const isVideo = kindOfName(path) === 'video'
  const open = random.shuffle(isVideo ? VIDEO_QUESTIONS : PICTURE_QUESTIONS).slice(0, most)
  const absent = random.pick(WORLD_OBJECTS.filter((name) => !present.includes(name)))
  const turns = [...open.map((question) => openTurn(question, present)), presenceTurn(absent)]
  return turns.map((turn, index) => ({
    id: `${basename(path)}-${index}`,
    media: [medium(path)],
    turns: [turn],
    length: null,
    depth: null,
    maxFrames: null,
  }))
}

function openTurn(question: string, present: readonly string[]): EvaluationTurn {
  return {
    task: WHAT_IS_THERE,
    question,
    expected: present.length === 0 ? 'Nothing that I know.' : `Nothing but ${present.join(', ')}.`,
    isRight: (reply) => namedObjects(reply).every((name) => present.includes(name)),
  }
}

function presenceTurn(absent: string): EvaluationTurn {
  return {
    task: 'presence',
    question: `Is there ${withArticle(absent)}?`,
    expected: 'No.',
    isRight: (reply) => !/^\s*yes\b/iu.test(reply),
  }
}
