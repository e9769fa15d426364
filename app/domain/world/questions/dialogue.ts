import type { VideoFrame, WorldSet } from '../composition'
import type { WorldRandom } from '../random'
import type { Scene, WorldQuestion } from '../scene'
import { imageTurns } from './dialogue-image'
import { setTurns, videoTurns } from './dialogue-several'
import { worded, type WordingOptions } from './phrasing'
import { factsOf } from './scene-facts'
import { setFactsOf } from './set-questions'
import { videoFactsOf } from './video-facts'

/**
 * Three turns about a picture, a video or several pictures. The first asks for itself; later ones refer back (task
 * `reference`), and are answered in the light of the turns before.
 */
export function dialogue(
  random: WorldRandom,
  shown: Scene | readonly VideoFrame[] | WorldSet,
  options: WordingOptions = {},
): readonly [WorldQuestion, WorldQuestion, WorldQuestion] {
  const [first, second, third] =
    'pictures' in shown
      ? setTurns(random, setFactsOf(shown))
      : 'items' in shown
        ? imageTurns(random, factsOf(shown))
        : videoTurns(random, videoFactsOf(shown))
  return [worded(random, first, options), worded(random, second, options), worded(random, third, options)]
}
