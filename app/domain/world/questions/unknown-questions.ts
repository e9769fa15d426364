import type { VideoFrame } from '../composition'
import type { WorldRandom } from '../random'
import type { Scene, WorldQuestion, WorldTask } from '../scene'
import type { QuestionOptions } from './choose-questions'
import { imageQuestions } from './image-questions'
import { videoQuestions } from './video-questions'

/** Tasks whose right answer is that it cannot be answered. */
export const UNKNOWN_TASKS = [
  'absent',
  'out-of-world',
  'off-topic',
  'nothing-known',
  'unreadable',
] as const satisfies readonly WorldTask[]

/** Questions about a picture or a video that the model cannot answer, and should say so. */
export function unknownQuestions(
  random: WorldRandom,
  shown: Scene | readonly VideoFrame[],
  options: QuestionOptions,
): WorldQuestion[] {
  const all = { tasks: UNKNOWN_TASKS, ...options }
  return isVideo(shown) ? videoQuestions(random, shown, all) : imageQuestions(random, shown, all)
}

function isVideo(shown: Scene | readonly VideoFrame[]): shown is readonly VideoFrame[] {
  return Array.isArray(shown)
}
