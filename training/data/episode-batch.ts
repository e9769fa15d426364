import { createRandom, type WorldRandom } from '../../app/domain/world/random'
import { makeEpisode, type EpisodeShape, type EpisodeWorld } from './episode'
import {
  EPISODE_KINDS,
  PICTURE_KINDS,
  isPictureKind,
  type EpisodeKind,
  type EpisodeMix,
  type EpisodeSettings,
} from './episode-settings'
import { framesOfSheet } from './sheet-bank'
import { composeSequence, type PromptContext, type TrainingSequence } from './training-sequence'

/**
 * Turns of an episode about one picture, and about more. About one picture they are few: later replies are largely copied
 * from earlier ones, and people mostly ask once.
 */
const PICTURE_QUESTIONS = { fewest: 1, most: 4 }
const QUESTIONS = { fewest: 4, most: 12 }
/** One more for so many frames of a video: reading them costs more than to answer. */
const FRAMES_PER_QUESTION = 4
const PICTURES_OF_SETS = { fewest: 2, most: 6 }
const FEWEST_NEEDLE_FRAMES = 4
const FEWEST_FRAMES = 2

/** Shares of dialogues that are about a video and about a set, where there are such; the others are about one picture. */
const VIDEO_DIALOGUES = 0.35
const SET_DIALOGUES = 0.35
const DIALOGUE_FRAMES = 24

/** Positions that a frame of a video takes with its timecode and its part of a question, and that 12 turns take. */
const POSITIONS_OF_FRAME = 36
const POSITIONS_OF_TALK = 400

/** A batch is filled in about so many parts, each of one kind. */
const PARTS = 4
/** Less room is left empty. */
const LEAST_ROOM = 256

/**
 * Batch `index` of a stream: sequences of several kinds, together at most `batchTokens` long. It depends on nothing but
 * its arguments, so a stream can be taken up anywhere.
 *
 * @throws RangeError as `makeEpisode`
 */
export function makeBatch(
  index: number,
  settings: EpisodeSettings,
  world: EpisodeWorld,
  context: PromptContext,
): TrainingSequence[] {
  const { batchTokens } = settings
  const random = createRandom('episodes', settings.split, settings.stage, settings.seed, index)
  const batch: TrainingSequence[] = []
  let used = 0
  // The first part is made whatever it takes.
  while (batchTokens - used >= (batch.length === 0 ? LEAST_ROOM : leastRoom(settings))) {
    const shapes = partShapes(random, settings, world, batchTokens - used)
    const partEnd = used + batchTokens / PARTS
    while (used < partEnd) {
      const { turns, bankFrames } = makeEpisode(random, shapes(), world, settings.tasks)
      const sequence = composeSequence(turns, bankFrames, context)
      if (batch.length > 0 && used + sequence.tokens.length > batchTokens) return batch
      batch.push(sequence)
      used += sequence.tokens.length
    }
  }
  return batch
}

/** Where a video must have some length, parts that have no room for it are left out. */
function leastRoom({ minFrames }: EpisodeSettings): number {
  if (minFrames === FEWEST_FRAMES) return LEAST_ROOM
  return minFrames * POSITIONS_OF_FRAME + POSITIONS_OF_TALK
}

/** Chooses a part's kind and length, at most `room` positions; what it returns gives the shape of each episode. */
function partShapes(
  random: WorldRandom,
  settings: EpisodeSettings,
  world: EpisodeWorld,
  room: number,
): () => EpisodeShape {
  const { mix, stage } = settings
  const kind = pickKind(random, mix, EPISODE_KINDS)
  const several = kind === 'dialogue' && stage === 'multi' ? dialogueAboutSeveral(random) : undefined
  if (isPictureKind(kind) && several === undefined) {
    return () => {
      const questions = between(random, PICTURE_QUESTIONS)
      return { kind: pickKind(random, mix, PICTURE_KINDS), questions }
    }
  }
  const most = Math.min(settings.maxFrames, Math.floor((room - POSITIONS_OF_TALK) / POSITIONS_OF_FRAME))
  const longest = Math.max(settings.minFrames, most)
  return () => longShape(random, several ?? kind, settings.minFrames, longest, world)
}

type DialogueAboutSeveral = 'video-dialogue' | 'set-dialogue'

/** Undefined: it is about one picture. */
function dialogueAboutSeveral(random: WorldRandom): DialogueAboutSeveral | undefined {
  const share = random.next()
  if (share < VIDEO_DIALOGUES) return 'video-dialogue'
  return share < VIDEO_DIALOGUES + SET_DIALOGUES ? 'set-dialogue' : undefined
}

/** fewest, most: frames of a video. */
function longShape(
  random: WorldRandom,
  kind: EpisodeKind | DialogueAboutSeveral,
  fewest: number,
  most: number,
  { sheets }: EpisodeWorld,
): EpisodeShape {
  const questions = between(random, QUESTIONS)
  switch (kind) {
    case 'sheet':
      return { kind, questions, frames: framesOfSheet(sheets.sheet(sheets.pick(random))) }
    case 'set':
    case 'set-dialogue':
      return { kind, questions, frames: between(random, PICTURES_OF_SETS) }
    case 'needle':
      return videoShape(kind, questions, evenOctaves(random, Math.max(FEWEST_NEEDLE_FRAMES, fewest), most))
    case 'video-dialogue':
      return { kind, questions, frames: evenOctaves(random, fewest, Math.min(most, DIALOGUE_FRAMES)) }
    default:
      return videoShape('video', questions, evenOctaves(random, fewest, most))
  }
}

function videoShape(kind: 'video' | 'needle', questions: number, frames: number): EpisodeShape {
  return { kind, questions: questions + Math.floor(frames / FRAMES_PER_QUESTION), frames }
}

/** Each doubling of the length is as likely as any other. */
function evenOctaves(random: WorldRandom, fewest: number, most: number): number {
  return most <= fewest ? fewest : Math.round(fewest * (most / fewest) ** random.next())
}

function between(random: WorldRandom, { fewest, most }: { fewest: number; most: number }): number {
  return fewest + random.int(most - fewest + 1)
}

function pickKind<Kind extends EpisodeKind>(
  random: WorldRandom,
  mix: EpisodeMix,
  kinds: readonly Kind[],
): Kind {
  const shares = kinds.map((kind) => mix[kind] ?? 0)
  let rest = random.next() * shares.reduce((sum, share) => sum + share, 0)
  for (const [index, kind] of kinds.entries()) {
    rest -= shares[index] ?? 0
    if (rest < 0) return kind
  }
  throw new RangeError(`expected a share above 0 of one of ${kinds.join(', ')}`)
}
