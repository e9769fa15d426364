import { createClipSource } from '../../../domain/world/clip-source'
import { makeScene } from '../../../domain/world/make-scene'
import { makeSet } from '../../../domain/world/make-set'
import { composeVideo } from '../../../domain/world/make-video'
import { dialogue } from '../../../domain/world/questions/dialogue'
import { needleQuestions, videoQuestions } from '../../../domain/world/questions/video-questions'
import type { EvaluationSuite } from '../evaluation-types'
import { alone, drawnSuite, medium, oneOfEach, times, type DrawnSuiteParts } from './drawn-suite'
import { BANK_CLIPS, writeSet } from './picture-suites'

/** The pace that the product reads videos at unless told otherwise. */
const INTERVAL_SECONDS = 1
const TENTHS = 10
/** Of different tasks, about each video. */
const VIDEO_QUESTIONS = 8

/** Frames of the videos of a suite, and how many videos of each. */
type Lengths = readonly (readonly [frames: number, videos: number])[]

const VIDEO_LENGTHS: Lengths = [
  [16, 40],
  [64, 80],
  [256, 16],
]
const NEEDLE_LENGTHS: Lengths = [
  [64, 100],
  [256, 60],
  [1024, 40],
]

/** The length of each video of a suite, in the order they are drawn. */
function framesOf({ count, frames }: DrawnSuiteParts, lengths: Lengths): number[] {
  const chosen: Lengths =
    frames === null ? lengths : [[frames, lengths.find(([known]) => known >= frames)?.[1] ?? 20]]
  return chosen.flatMap(([length, videos]) => times(count ?? videos, length))
}

/** Videos of shots, with questions about times, order and changes. */
export function videoSuite(parts: DrawnSuiteParts): EvaluationSuite {
  const { world, seed } = parts
  const source = createClipSource(seed, 'test', world.art, BANK_CLIPS)
  const lengths = framesOf(parts, VIDEO_LENGTHS)
  return drawnSuite(parts, {
    name: 'video',
    costs: lengths,
    draw: async (random, index, stem, signal) => {
      const frames = lengths[index] ?? 1
      const video = composeVideo(random, source, { frames, intervalSeconds: INTERVAL_SECONDS })
      const path = `${stem}.mp4`
      await world.writeVideo(video, path, signal)
      const conversations = alone(oneOfEach(videoQuestions(random, video, { count: VIDEO_QUESTIONS })))
      return { media: [medium(path)], conversations, length: frames, frames }
    },
  })
}

/** One line of text in a long video: what it says and when. The depths are spread evenly over tenths. */
export function needleSuite(parts: DrawnSuiteParts): EvaluationSuite {
  const { world, seed } = parts
  const source = createClipSource(seed, 'test', world.art, BANK_CLIPS)
  const lengths = framesOf(parts, NEEDLE_LENGTHS)
  return drawnSuite(parts, {
    name: 'needle',
    costs: lengths,
    draw: async (random, index, stem, signal) => {
      const frames = lengths[index] ?? 1
      const depth = ((index % TENTHS) + random.next()) / TENTHS
      const intervalSeconds = INTERVAL_SECONDS
      const video = composeVideo(random, source, { frames, intervalSeconds, script: 'needle', depth })
      const path = `${stem}.mp4`
      await world.writeVideo(video, path, signal)
      const questions = needleQuestions(random, video)
      return { media: [medium(path)], conversations: alone(questions), length: frames, frames, depth }
    },
  })
}

const DIALOGUE_FRAMES = 16

/** Three turns, each after the model's own replies: in turn about a picture, a short video and several pictures. */
export function dialogueSuite(parts: DrawnSuiteParts): EvaluationSuite {
  const { world, seed } = parts
  const source = createClipSource(seed, 'test', world.art, BANK_CLIPS)
  const frames = parts.frames ?? DIALOGUE_FRAMES
  return drawnSuite(parts, {
    name: 'dialogue',
    costs: times(parts.count ?? 150, 4),
    draw: async (random, index, stem, signal) => {
      if (index % 3 === 1) {
        const video = composeVideo(random, source, { frames, intervalSeconds: INTERVAL_SECONDS })
        const path = `${stem}.mp4`
        await world.writeVideo(video, path, signal)
        return { media: [medium(path)], conversations: [dialogue(random, video)] }
      }
      if (index % 3 === 2) {
        const set = makeSet(random, source)
        const media = await writeSet(world, set, stem)
        return { media, conversations: [dialogue(random, set)] }
      }
      const scene = makeScene(random, 'test', world.art, { known: true })
      const path = `${stem}.png`
      await world.writePicture(scene, path)
      return { media: [medium(path)], conversations: [dialogue(random, scene)] }
    },
  })
}
