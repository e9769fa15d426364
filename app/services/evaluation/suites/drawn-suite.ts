import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createRandom, type WorldRandom } from '../../../domain/world/random'
import type { Scene, WorldFrame, WorldQuestion, WorldTask } from '../../../domain/world/scene'
import { isRight } from '../../../domain/world/score-answer'
import type { ArtCounts, WorldSheet } from '../../../domain/world/composition'
import type { AskMedia } from '../../ask/ask-types'
import type {
  EvaluationCase,
  EvaluationGroup,
  EvaluationSuite,
  EvaluationTurn,
  GeneratedSuiteName,
} from '../evaluation-types'

/** Draws what the world generator made into files, as a person would have them. */
export interface EvaluationWorld {
  readonly art: ArtCounts
  /** PNG, or JPEG by the name's ending. */
  writePicture(scene: Scene, path: string): Promise<void>
  writeSheet(sheet: WorldSheet, path: string): Promise<void>
  /** Each frame is shown at its time. */
  writeVideo(frames: readonly WorldFrame[], path: string, signal: AbortSignal): Promise<void>
}

/** What all drawn suites are made from. */
export interface DrawnSuiteParts {
  readonly world: EvaluationWorld
  /** Exists, empty, removed by whoever made it. */
  readonly folder: string
  readonly seed: number
  /** Pictures, videos or sets of each length; null: the suite's own number. */
  readonly count: number | null
  /** Frames of each video; null: the suite's own lengths. */
  readonly frames: number | null
}

/** One group of a drawn suite, before its questions become cases. */
export interface DrawnGroup {
  readonly media: readonly AskMedia[]
  /** Conversations: one question each, or several turns. */
  readonly conversations: readonly (readonly WorldQuestion[])[]
  readonly length?: number
  readonly depth?: number
  /** Frames of a video, whose reading is then timed. */
  readonly frames?: number
}

export interface DrawnSuite {
  readonly name: GeneratedSuiteName
  readonly costs: readonly number[]
  /** @param stem - absolute path without an ending; files that begin with it are this group's */
  readonly draw: (
    random: WorldRandom,
    index: number,
    stem: string,
    signal: AbortSignal,
  ) => Promise<DrawnGroup>
}

/** A suite whose groups are drawn from the seed, each independent of the others. */
export function drawnSuite(parts: DrawnSuiteParts, suite: DrawnSuite): EvaluationSuite {
  return {
    name: suite.name,
    costs: suite.costs,
    draw: async (index, signal) => {
      const random = createRandom('evaluation', suite.name, parts.seed, index)
      const stem = join(parts.folder, `${suite.name}-${index}`)
      return groupOf(`${suite.name}-${index}`, await suite.draw(random, index, stem, signal))
    },
  }
}

function groupOf(id: string, drawn: DrawnGroup): EvaluationGroup {
  const { media, conversations, length, depth, frames } = drawn
  const cases = conversations.map((questions, index): EvaluationCase => ({
    id: `${id}-${index}`,
    media,
    turns: questions.map(turnOf),
    length: length ?? null,
    depth: depth ?? null,
    maxFrames: frames ?? null,
  }))
  const [video] = media
  return {
    cases,
    ...(frames === undefined || video === undefined ? {} : { timed: { media: video, frames } }),
    remove: async () => {
      for (const { path } of media) await rm(path, { force: true })
    },
  }
}

export function turnOf(question: WorldQuestion): EvaluationTurn {
  return {
    task: question.task,
    question: question.question,
    expected: question.answer,
    isRight: (reply) => isRight(reply, question),
  }
}

export function medium(path: string, tiles = false): AskMedia {
  return { path, range: null, tiles }
}

/** Equal costs. */
export function times(count: number, cost: number): number[] {
  return Array.from({ length: count }, () => cost)
}

/** The first question of each task: tasks that are easy to ask about shall not crowd out the others. */
export function oneOfEach(questions: readonly WorldQuestion[]): WorldQuestion[] {
  const tasks = new Set<WorldTask>()
  return questions.filter(({ task }) => !tasks.has(task) && tasks.add(task))
}

/** Each question a conversation of its own. */
export function alone(questions: readonly WorldQuestion[]): WorldQuestion[][] {
  return questions.map((question) => [question])
}
