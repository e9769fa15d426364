import type { WorldRandom } from '../random'
import type { WorldQuestion, WorldTask } from '../scene'
import { worded, type Draft, type WordingOptions } from './phrasing'

export interface QuestionOptions extends WordingOptions {
  /** Questions wanted; fewer when nothing else can be asked. */
  readonly count: number
  /** Only of these tasks. */
  readonly tasks?: readonly WorldTask[]
}

/** Makes a question of one task, or none when the scene or this try gives none. */
export type DraftMaker<Facts> = (random: WorldRandom, facts: Facts) => Draft | undefined

export interface TaskMaker<Facts> {
  readonly task: WorldTask
  readonly make: DraftMaker<Facts>
  /** How often beside the others, 1 for most; 0: only when the task is asked for. */
  readonly weight: number
}

/** Rounds in which every task may fail to give something new before it is given up. */
const ROUNDS = 3

/** Different questions, one of each task before a second of any; tasks of greater weight come first more often. */
export function chooseQuestions<Facts>(
  random: WorldRandom,
  makers: readonly TaskMaker<Facts>[],
  facts: Facts,
  options: QuestionOptions,
): WorldQuestion[] {
  const { count, tasks } = options
  const wanted = makers.filter(({ task, weight }) => tasks?.includes(task) ?? weight > 0)
  const keys = new Set<string>()
  const questions: WorldQuestion[] = []
  for (let round = 0; round < ROUNDS + count && questions.length < count; round += 1) {
    const before = questions.length
    for (const { make } of inTurn(random, wanted)) {
      const draft = make(random, facts)
      if (draft === undefined || keys.has(draft.key)) continue
      keys.add(draft.key)
      questions.push(worded(random, draft, options))
      if (questions.length === count) break
    }
    if (questions.length === before && round >= ROUNDS) break
  }
  return questions
}

/** A random order in which greater weights tend to come first (exponential keys, Efraimidis and Spirakis 2006). */
function inTurn<Facts>(
  random: WorldRandom,
  makers: readonly TaskMaker<Facts>[],
): readonly TaskMaker<Facts>[] {
  return makers
    .map((maker) => ({ maker, key: -Math.log(1 - random.next()) / (maker.weight || 1) }))
    .sort((a, b) => a.key - b.key)
    .map(({ maker }) => maker)
}
