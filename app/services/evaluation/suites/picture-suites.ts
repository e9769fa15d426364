import { createClipSource } from '../../../domain/world/clip-source'
import type { WorldSet } from '../../../domain/world/composition'
import { makeScene, type SceneOptions } from '../../../domain/world/make-scene'
import { makeSet } from '../../../domain/world/make-set'
import { makeSheet } from '../../../domain/world/make-sheet'
import { imageQuestions } from '../../../domain/world/questions/image-questions'
import { setQuestions } from '../../../domain/world/questions/set-questions'
import { sheetQuestions } from '../../../domain/world/questions/sheet-questions'
import { UNKNOWN_TASKS, unknownQuestions } from '../../../domain/world/questions/unknown-questions'
import { PICTURE_TASKS } from '../../../domain/world/scene'
import type { AskMedia } from '../../ask/ask-types'
import type { EvaluationSuite } from '../evaluation-types'
import {
  alone,
  drawnSuite,
  medium,
  oneOfEach,
  times,
  type DrawnSuiteParts,
  type EvaluationWorld,
} from './drawn-suite'

/** Clips that the pictures of sets are taken from. */
export const BANK_CLIPS = 1000

/** At most, of different tasks, about one sheet or set. */
const SEVERAL_QUESTIONS = 6

/** Drawn pictures, with at most one question of each task. */
export function singleSuite(parts: DrawnSuiteParts): EvaluationSuite {
  const { world } = parts
  return drawnSuite(parts, {
    name: 'single',
    costs: times(parts.count ?? 300, 1),
    draw: async (random, _, stem) => {
      const scene = makeScene(random, 'test', world.art)
      const path = `${stem}.png`
      await world.writePicture(scene, path)
      const asking = { count: PICTURE_TASKS.length, tasks: PICTURE_TASKS }
      const questions = oneOfEach(imageQuestions(random, scene, asking))
      return { media: [medium(path)], conversations: alone(questions) }
    },
  })
}

/** Large pictures, given whole and in tiles. */
export function tilesSuite(parts: DrawnSuiteParts): EvaluationSuite {
  const { world, seed } = parts
  return drawnSuite(parts, {
    name: 'tiles',
    costs: times(parts.count ?? 150, 10),
    draw: async (random, index, stem) => {
      const sheet = makeSheet(seed, index, 'test', world.art)
      const path = `${stem}.png`
      await world.writeSheet(sheet, path)
      const asked = oneOfEach(sheetQuestions(random, sheet, { count: SEVERAL_QUESTIONS }))
      return {
        media: [medium(path, true)],
        conversations: alone(asked),
        length: sheet.tiles.length,
      }
    },
  })
}

/** Several pictures to compare. */
export function multiSuite(parts: DrawnSuiteParts): EvaluationSuite {
  const { world, seed } = parts
  const source = createClipSource(seed, 'test', world.art, BANK_CLIPS)
  return drawnSuite(parts, {
    name: 'multi',
    costs: times(parts.count ?? 150, 4),
    draw: async (random, _, stem) => {
      const set = makeSet(random, source)
      const media = await writeSet(world, set, stem)
      const questions = oneOfEach(setQuestions(random, set, { count: SEVERAL_QUESTIONS }))
      return {
        media,
        conversations: alone(questions),
        length: media.length,
      }
    },
  })
}

/** Writes the pictures of a set, the first as picture 1. */
export async function writeSet(world: EvaluationWorld, set: WorldSet, stem: string): Promise<AskMedia[]> {
  const media: AskMedia[] = []
  for (const [index, { scene }] of set.pictures.entries()) {
    const path = `${stem}-${index + 1}.png`
    await world.writePicture(scene, path)
    media.push(medium(path))
  }
  return media
}

/** Pictures for questions that have no answer: of known things, of nothing known, with a line too small to read. */
const UNKNOWN_PICTURES: readonly SceneOptions[] = [
  { known: true },
  { known: false },
  { known: true, caption: 'unreadable' },
  { known: false },
]

/** What is not there, has no name, has nothing to do with the picture, or cannot be read. */
export function unknownSuite(parts: DrawnSuiteParts): EvaluationSuite {
  const { world } = parts
  return drawnSuite(parts, {
    name: 'unknown',
    costs: times(parts.count ?? 200, 1),
    draw: async (random, index, stem) => {
      const scene = makeScene(random, 'test', world.art, UNKNOWN_PICTURES[index % UNKNOWN_PICTURES.length])
      const path = `${stem}.png`
      await world.writePicture(scene, path)
      const questions = oneOfEach(unknownQuestions(random, scene, { count: UNKNOWN_TASKS.length }))
      return { media: [medium(path)], conversations: alone(questions) }
    },
  })
}
