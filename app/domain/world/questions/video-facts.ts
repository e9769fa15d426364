import { formatMinutesSeconds } from '../../time/timecode'
import type { VideoFrame } from '../composition'
import type { WorldRandom } from '../random'
import type { Scene } from '../scene'
import { mentionOf, nameOf, type Mention } from './mention'
import { factsOf, type SceneFacts } from './scene-facts'

/** A stretch of frames in which something is seen, both ends included. */
export interface Run {
  readonly first: number
  readonly last: number
}

/** When something is seen. */
export interface Track {
  /** `the dog`, `the text EXIT 42` */
  readonly the: string
  readonly runs: readonly Run[]
}

export interface ThingTrack extends Track {
  readonly mention: Mention
}

export interface Shot extends Run {
  readonly clip: number
}

/** What questions need to know of a video. */
export interface VideoFacts {
  readonly frames: readonly VideoFrame[]
  /** Timecodes that stand before the frames. Two frames have the same when less than a second lies between. */
  readonly labels: readonly string[]
  readonly scenes: readonly SceneFacts[]
  /** Kinds of things, shapes with their colour, in order of first appearance, then from left to right. */
  readonly things: readonly ThingTrack[]
  /** By `red circle`, and of shapes by `circle` too. */
  readonly byName: ReadonlyMap<string, ThingTrack>
  /** Readable texts, in order of first appearance. */
  readonly texts: readonly (Track & { readonly text: string })[]
  readonly hasCaption: boolean
  /** Stretches of one clip: a cut lies between two. */
  readonly shots: readonly Shot[]
  /** Some frame shows something that can be named. */
  readonly isKnown: boolean
}

interface OpenTrack extends ThingTrack {
  readonly runs: { first: number; last: number }[]
}

/** Facts of the videos that are in use: several kinds of questions are asked about one. */
const KNOWN = new WeakMap<readonly VideoFrame[], VideoFacts>()

/** @throws RangeError of a video without frames */
export function videoFactsOf(frames: readonly VideoFrame[]): VideoFacts {
  const known = KNOWN.get(frames)
  if (known !== undefined) return known
  if (frames.length === 0) throw new RangeError('expected a video of at least one frame, got none')
  const facts = gatherFacts(frames)
  KNOWN.set(frames, facts)
  return facts
}

function gatherFacts(frames: readonly VideoFrame[]): VideoFacts {
  const bySceneFacts = new Map<Scene, SceneFacts>()
  const scenes = frames.map(({ scene }) => {
    const facts = bySceneFacts.get(scene) ?? factsOf(scene)
    bySceneFacts.set(scene, facts)
    return facts
  })
  const things: OpenTrack[] = []
  const byName = new Map<string, OpenTrack>()
  const texts = new Map<string, { the: string; text: string; runs: { first: number; last: number }[] }>()
  for (const [at, { items, text }] of scenes.entries()) {
    for (const item of items) {
      const mention = mentionOf(item)
      if (mention === undefined) continue
      trackOf(byName, mention, things).runs.push({ first: at, last: at })
      if (mention.color !== undefined)
        trackOf(byName, { name: mention.name }).runs.push({ first: at, last: at })
    }
    if (text === undefined) continue
    const track = texts.get(text) ?? { the: `the text ${text}`, text, runs: [] }
    texts.set(text, track)
    track.runs.push({ first: at, last: at })
  }
  for (const { runs } of byName.values()) joinRuns(runs)
  for (const { runs } of texts.values()) joinRuns(runs)
  return {
    frames,
    labels: frames.map(({ seconds }) => formatMinutesSeconds(seconds)),
    scenes,
    things,
    byName,
    texts: [...texts.values()],
    hasCaption: frames.some(({ scene }) => scene.caption !== undefined),
    shots: shotsOf(frames),
    isKnown: scenes.some(({ isKnown }) => isKnown),
  }
}

function trackOf(byName: Map<string, OpenTrack>, mention: Mention, things?: OpenTrack[]): OpenTrack {
  const name = nameOf(mention)
  const known = byName.get(name)
  if (known !== undefined) return known
  const track: OpenTrack = { the: `the ${name}`, mention, runs: [] }
  byName.set(name, track)
  things?.push(track)
  return track
}

/** Joins runs of one frame that follow on each other, in place. */
function joinRuns(runs: { first: number; last: number }[]): void {
  let end = 0
  for (const run of runs) {
    const open = runs[end]
    if (open !== undefined && run.first <= open.last + 1) open.last = run.last
    else {
      end += 1
      runs[end] = run
    }
  }
  runs.length = Math.min(runs.length, end + 1)
}

function shotsOf(frames: readonly VideoFrame[]): Shot[] {
  const shots: { first: number; last: number; clip: number }[] = []
  for (const [at, { clip }] of frames.entries()) {
    const shot = shots.at(-1)
    if (shot?.clip === clip) shot.last = at
    else shots.push({ first: at, last: at, clip })
  }
  return shots
}

/** What a question calls a thing: a shape sometimes by its bare name, if the video shows it in one colour only. */
export function looselyNamed(random: WorldRandom, { byName }: VideoFacts, track: ThingTrack): ThingTrack {
  const { name, color } = track.mention
  if (color === undefined || !random.chance(0.4)) return track
  const bare = byName.get(name)
  return bare?.runs.length === track.runs.length &&
    bare.runs.every((run, at) => isSameRun(run, track.runs[at]))
    ? bare
    : track
}

function isSameRun(a: Run, b: Run | undefined): boolean {
  return a.first === b?.first && a.last === b.last
}

export function firstFrame({ runs }: Track): number {
  return runs[0]?.first ?? 0
}

export function lastFrame({ runs }: Track): number {
  return runs.at(-1)?.last ?? 0
}

export function labelAt({ labels }: VideoFacts, frame: number): string {
  return labels[frame] ?? ''
}

/** Whether no other frame has the timecode of this one. */
export function hasOwnLabel({ labels }: VideoFacts, frame: number): boolean {
  return labels[frame - 1] !== labels[frame] && labels[frame + 1] !== labels[frame]
}

/** A random frame that can be named by its time. */
export function pickFrame(random: WorldRandom, facts: VideoFacts): number | undefined {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const frame = random.int(facts.frames.length)
    if (hasOwnLabel(facts, frame)) return frame
  }
  return undefined
}
