import { dialogue } from '../../app/domain/world/questions/dialogue'
import { chooseQuestions } from '../../app/domain/world/questions/choose-questions'
import { IMAGE_PHRASES } from '../../app/domain/world/questions/image-phrases'
import { imageQuestions } from '../../app/domain/world/questions/image-questions'
import { factsOf } from '../../app/domain/world/questions/scene-facts'
import { setQuestions } from '../../app/domain/world/questions/set-questions'
import { sheetQuestions } from '../../app/domain/world/questions/sheet-questions'
import { nothingDraft } from '../../app/domain/world/questions/unknown-drafts'
import { UNKNOWN_TASKS, unknownQuestions } from '../../app/domain/world/questions/unknown-questions'
import { videoQuestions } from '../../app/domain/world/questions/video-questions'
import type { VideoFrame } from '../../app/domain/world/composition'
import type { WorldRandom } from '../../app/domain/world/random'
import type { Scene, WorldQuestion, WorldTask } from '../../app/domain/world/scene'
import type { Asking, QuestionMakers } from './episode'

/** What is learnt slowest. */
const DETAIL_TASKS: readonly WorldTask[] = ['read', 'relation', 'largest', 'describe']

/** Share of conversations about videos with a question that has no answer in any video. */
const UNANSWERABLE_SHARE = 0.15
/** Share of needle videos in which the needle is asked for first, before any other answer. */
const NEEDLE_FIRST = 0.5

/** The questions of the drawn world, put together as training wants them. */
export const questionMakers: QuestionMakers = {
  image: imageQuestions,
  detail: details,
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

/**
 * Details; of a picture in which nothing has a name, that. "Describe the picture." is asked here above all, and always of
 * something it was answered with things that are not there.
 */
function details(random: WorldRandom, scene: Scene, asking: Asking): readonly WorldQuestion[] {
  const facts = factsOf(scene)
  if (facts.isKnown)
    return imageQuestions(random, scene, {
      ...asking,
      tasks: DETAIL_TASKS.filter((task) => mayAsk(asking, task)),
    })
  if (!mayAsk(asking, 'nothing-known')) return []
  const nothing = {
    task: 'nothing-known',
    make: () => nothingDraft(IMAGE_PHRASES.describe),
    weight: 1,
  } as const
  return chooseQuestions(random, [nothing], facts, { count: 1 })
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
