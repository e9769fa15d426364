import { dialogue } from '../../app/domain/world/questions/dialogue'
import { imageQuestions } from '../../app/domain/world/questions/image-questions'
import { setQuestions } from '../../app/domain/world/questions/set-questions'
import { sheetQuestions } from '../../app/domain/world/questions/sheet-questions'
import { UNKNOWN_TASKS, unknownQuestions } from '../../app/domain/world/questions/unknown-questions'
import { videoQuestions } from '../../app/domain/world/questions/video-questions'
import type { VideoFrame } from '../../app/domain/world/composition'
import type { WorldRandom } from '../../app/domain/world/random'
import type { Scene, WorldQuestion, WorldTask } from '../../app/domain/world/scene'
import type { Asking, QuestionMakers } from './episode'

/** Share of conversations about videos with a question that has no answer in any video. */
const UNANSWERABLE_SHARE = 0.15
/** Share of needle videos in which the needle is asked for first, before any other answer. */
const NEEDLE_FIRST = 0.5

/** The questions of the drawn world, put together as training wants them. */
export const questionMakers: QuestionMakers = {
  image: imageQuestions,
  unknown: halfUnknown,
  video: (random, frames, asking) => {
    const questions = videoQuestions(random, frames, asking)
    if (!random.chance(UNANSWERABLE_SHARE)) return questions
    const more = unanswerable(random, frames, asking, 1, ['out-of-world', 'off-topic'])
    return random.shuffle([...questions.slice(more.length), ...more])
  },
  needle: (random, frames, asking) => {
    const needle = mayAsk(asking, 'needle')
      ? videoQuestions(random, frames, { count: 1, tasks: ['needle'] })
      : []
    const others = videoQuestions(random, frames, { ...asking, count: asking.count - needle.length }).filter(
      ({ task }) => task !== 'needle',
    )
    return random.chance(NEEDLE_FIRST) ? [...needle, ...others] : random.shuffle([...needle, ...others])
  },
  sheet: sheetQuestions,
  set: setQuestions,
  dialogue: (random, shown) => dialogue(random, shown),
}

/** Half of the questions can be answered: a conversation does not tell by itself that nothing is known. */
function halfUnknown(random: WorldRandom, scene: Scene, asking: Asking): readonly WorldQuestion[] {
  const unknown = unanswerable(random, scene, asking, Math.ceil(asking.count / 2), UNKNOWN_TASKS)
  const others = imageQuestions(random, scene, { ...asking, count: asking.count - unknown.length })
  return random.shuffle([...unknown, ...others])
}

function unanswerable(
  random: WorldRandom,
  shown: Scene | readonly VideoFrame[],
  asking: Asking,
  count: number,
  tasks: readonly WorldTask[],
): readonly WorldQuestion[] {
  return unknownQuestions(random, shown, { count, tasks: tasks.filter((task) => mayAsk(asking, task)) })
}

function mayAsk({ tasks }: Asking, task: WorldTask): boolean {
  return tasks?.includes(task) ?? true
}
