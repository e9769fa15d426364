import {
  CLIP_PHASES,
  type ClipQuery,
  type ClipRef,
  type ClipSource,
  type VideoFrame,
  type WorldSet,
  type WorldSheet,
} from '../../app/domain/world/composition'
import { makeSet } from '../../app/domain/world/make-set'
import { composeVideo } from '../../app/domain/world/make-video'
import type { WorldRandom } from '../../app/domain/world/random'
import { WORLD_TASKS, type Scene, type WorldQuestion, type WorldTask } from '../../app/domain/world/scene'
import type { RequestMedia } from '../../app/domain/request'
import { PICTURE_SIDE } from './prompt-context'
import { framesOfSheet, type SheetBank } from './sheet-bank'
import type { StillSource } from './still-source'
import type { TrainingTurn } from './training-sequence'

/** How much and what to ask. */
export interface Asking {
  readonly count: number
  /** Absent: everything. */
  readonly tasks?: readonly WorldTask[]
}

/** Who asks. Each gives questions that fit what is shown; a dialogue's turns belong together and keep their order. */
export interface QuestionMakers {
  readonly image: QuestionMaker<Scene>
  readonly detail: QuestionMaker<Scene>
  readonly unknown: QuestionMaker<Scene>
  readonly video: QuestionMaker<readonly VideoFrame[]>
  readonly needle: QuestionMaker<readonly VideoFrame[]>
  readonly sheet: QuestionMaker<WorldSheet>
  readonly set: QuestionMaker<WorldSet>
  readonly dialogue: QuestionMaker<Scene | readonly VideoFrame[] | WorldSet>
}

export type QuestionMaker<Shown> = (
  random: WorldRandom,
  shown: Shown,
  asking: Asking,
) => readonly WorldQuestion[]

/** The bank that episodes are about. */
export interface EpisodeWorld {
  readonly clips: ClipSource
  readonly sheets: SheetBank
  readonly stills: StillSource
  readonly ask: QuestionMakers
}

/** What an episode is like: how many questions, about how many pictures. */
export type EpisodeShape =
  | {
      readonly kind: 'single' | 'detail' | 'unknown' | 'dialogue'
      readonly questions: number
      readonly frames?: never
    }
  | {
      readonly kind: 'video' | 'needle' | 'video-dialogue'
      readonly questions: number
      readonly frames: number
    }
  /** frames: of a sheet, the whole and its tiles. */
  | {
      readonly kind: 'sheet' | 'set' | 'set-dialogue'
      readonly questions: number
      readonly frames: number
    }

export interface Episode {
  readonly turns: readonly TrainingTurn[]
  /** Frames of the bank, in the order of their places in the prompt. */
  readonly bankFrames: readonly number[]
}

interface Shown {
  readonly media: readonly RequestMedia[]
  readonly bankFrames: readonly number[]
  readonly questions: readonly WorldQuestion[]
}

const TELLING_TASKS: ReadonlySet<WorldTask> = new Set(['describe', 'list', 'video-list', 'summary', 'scenes'])
const TELLING_LAST = 0.6

/** Tries to find something about which one of the wanted tasks can be asked. */
const TRIES = 200

const WHOLE: RequestMedia = {
  kind: 'image',
  page: 0,
  width: PICTURE_SIDE,
  height: PICTURE_SIDE,
  tiled: false,
}
const TASK_NUMBERS = new Map<WorldTask, number>(WORLD_TASKS.map((task, number) => [task, number]))

/**
 * One conversation: media in the first turn, then questions with their answers.
 *
 * @param tasks what may be asked; everything when empty
 * @throws RangeError when none of the tasks can be asked about episodes of this shape
 */
export function makeEpisode(
  random: WorldRandom,
  shape: EpisodeShape,
  world: EpisodeWorld,
  tasks: readonly WorldTask[] = [],
): Episode {
  const asking = tasks.length === 0 ? { count: shape.questions } : { count: shape.questions, tasks }
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { media, bankFrames, questions } = show(random, shape, world, asking)
    if (questions.length === 0) continue
    const ordered = shape.kind.endsWith('dialogue') ? questions : tellingLast(random, questions)
    const turns = ordered.map(({ task, question, answer }, turn): TrainingTurn => {
      return { question, reply: answer, task: TASK_NUMBERS.get(task) ?? 0, media: turn === 0 ? media : [] }
    })
    return { turns, bankFrames }
  }
  throw new RangeError(`expected tasks that can be asked in "${shape.kind}", got ${tasks.join(', ')}`)
}

/**
 * Answers that tell of everything let the later ones be copied from them instead of being looked up: in most
 * conversations they come last.
 */
function tellingLast(random: WorldRandom, questions: readonly WorldQuestion[]): readonly WorldQuestion[] {
  if (!random.chance(TELLING_LAST)) return questions
  const tells = ({ task }: WorldQuestion) => TELLING_TASKS.has(task)
  return [...questions.filter((one) => !tells(one)), ...questions.filter(tells)]
}

function show(random: WorldRandom, shape: EpisodeShape, world: EpisodeWorld, asking: Asking): Shown {
  switch (shape.kind) {
    case 'single':
    case 'detail':
    case 'unknown':
    case 'dialogue':
      return showPicture(random, shape.kind, world, asking)
    case 'sheet':
      return showSheet(random, shape.frames, world, asking)
    case 'set':
      return showSet(random, shape.frames, world, world.ask.set, asking)
    case 'set-dialogue':
      return showSet(random, shape.frames, world, world.ask.dialogue, asking)
    case 'video':
    case 'needle':
    case 'video-dialogue':
      return showVideo(random, shape, world, asking)
  }
}

/** Share of episodes of kind `detail` that are about a picture with text. */
const DETAILS_WITH_TEXT = 0.6

/** Share of single pictures that are stills, where the bank has some. */
const STILLS_SHARE = 0.8
/** Shares of them that are passed over: those with nothing known where details are asked and otherwise, those with text. */
const LEFT_OUT = { nothingKnownInDetails: 0.6, nothingKnown: 0.8, text: 0.4 }

/** Share of episodes of kind `unknown` that show something without a name. The rest asks for unknown things. */
const NOTHING_KNOWN_SHARE = 0.3
/** Share of them with a text that cannot be read. */
const UNREADABLE_SHARE = 0.18

function showPicture(
  random: WorldRandom,
  kind: 'single' | 'detail' | 'unknown' | 'dialogue',
  world: EpisodeWorld,
  asking: Asking,
): Shown {
  const { ask } = world
  const query = queryFor(random, kind)
  const isStill = kind !== 'unknown' && world.stills.count > 0 && random.chance(STILLS_SHARE)
  const { scene, frame } = isStill ? pickStill(random, kind, world) : pickOfClips(random, world, query)
  const maker = { single: ask.image, detail: ask.detail, unknown: ask.unknown, dialogue: ask.dialogue }[kind]
  return { media: [WHOLE], bankFrames: [frame], questions: maker(random, scene, asking) }
}

/** What a clip must be like whose picture is shown; undefined for anything. */
function queryFor(random: WorldRandom, kind: EpisodeShape['kind']): ClipQuery | undefined {
  const share = random.next()
  if (kind === 'detail') return share < DETAILS_WITH_TEXT ? { caption: true } : undefined
  if (kind !== 'unknown') return undefined
  if (share < NOTHING_KNOWN_SHARE) return { known: false }
  return share < NOTHING_KNOWN_SHARE + UNREADABLE_SHARE ? { caption: 'unreadable' } : undefined
}

interface BankPicture {
  readonly scene: Scene
  readonly frame: number
}

/**
 * More stills show a text, or nothing known, than pictures do: some of those are left out, lest it be answered too often
 * that there is nothing. Details are asked of texts above all.
 */
function pickStill(random: WorldRandom, kind: EpisodeShape['kind'], world: EpisodeWorld): BankPicture {
  const { sheets, stills } = world
  for (;;) {
    const index = random.int(stills.count)
    const scene = stills.still(index)
    if (!random.chance(shareLeftOut(scene, kind))) return { scene, frame: sheets.frames + index }
  }
}

function shareLeftOut(scene: Scene, kind: EpisodeShape['kind']): number {
  const inDetails = kind === 'detail'
  if (showsNothingKnown(scene)) return inDetails ? LEFT_OUT.nothingKnownInDetails : LEFT_OUT.nothingKnown
  return scene.caption !== undefined && !inDetails ? LEFT_OUT.text : 0
}

function showsNothingKnown({ items, caption }: Scene): boolean {
  return caption === undefined && items.every((item) => item.kind === 'unknown')
}

function pickOfClips(
  random: WorldRandom,
  { clips }: EpisodeWorld,
  query: ClipQuery | undefined,
): BankPicture {
  const clip = (query === undefined ? undefined : clips.find(random, query)) ?? random.int(clips.count)
  const phase = random.int(CLIP_PHASES)
  const phases = clips.clip(clip)
  return { scene: phases[phase] ?? phases[0], frame: bankFrame({ clip, phase }) }
}

function showVideo(
  random: WorldRandom,
  { kind, frames }: EpisodeShape & { readonly kind: 'video' | 'needle' | 'video-dialogue' },
  { clips, ask }: EpisodeWorld,
  asking: Asking,
): Shown {
  const video = composeVideo(random, clips, { frames, ...(kind === 'needle' ? { script: 'needle' } : {}) })
  const maker = { video: ask.video, needle: ask.needle, 'video-dialogue': ask.dialogue }[kind]
  return {
    media: [{ kind: 'video', frames: video.map(({ seconds }, frame) => ({ frame, seconds })) }],
    bankFrames: video.map(bankFrame),
    questions: maker(random, video, asking),
  }
}

function showSheet(
  random: WorldRandom,
  frames: number,
  { sheets, ask }: EpisodeWorld,
  asking: Asking,
): Shown {
  const index = sheets.pick(random, frames)
  const sheet = sheets.sheet(index)
  const first = sheets.firstFrame(index)
  return {
    media: [{ kind: 'image', page: 0, width: sheet.width, height: sheet.height, tiled: true }],
    bankFrames: Array.from({ length: framesOfSheet(sheet) }, (_, frame) => first + frame),
    questions: ask.sheet(random, sheet, asking),
  }
}

function showSet(
  random: WorldRandom,
  pictures: number,
  { clips }: EpisodeWorld,
  ask: QuestionMaker<WorldSet>,
  asking: Asking,
): Shown {
  const set = makeSet(random, clips, { pictures })
  return {
    media: set.pictures.map(() => WHOLE),
    bankFrames: set.pictures.map(bankFrame),
    questions: ask(random, set, asking),
  }
}

function bankFrame({ clip, phase }: ClipRef): number {
  return clip * CLIP_PHASES + phase
}
