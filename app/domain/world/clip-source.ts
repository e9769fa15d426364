import { CLIP_PHASES, type ArtCounts, type Clip, type ClipQuery, type ClipSource } from './composition'
import { makeClip } from './make-clip'
import {
  WORLD_OBJECTS,
  WORLD_SHAPES,
  type Scene,
  type SceneItem,
  type WorldObject,
  type WorldShape,
  type WorldSplit,
} from './scene'

type Name = WorldObject | WorldShape

/** Facts of a clip, as bits. */
const CAPTION_IN_ALL = 1
const CAPTION_IN_SOME = 2
/** Both of captions. */
const CAPTIONS = CAPTION_IN_ALL | CAPTION_IN_SOME
const STILL = 4
const KNOWN = 8

/** Random tries before all candidates are gone through. */
const TRIES = 24

const NAMES: readonly Name[] = [...WORLD_OBJECTS, ...WORLD_SHAPES]
const NAME_NUMBERS: ReadonlyMap<string, number> = new Map(NAMES.map((name, index) => [name, index]))

/** Facts of all clips, gathered once; the clips themselves are made again whenever they are asked for. */
interface ClipIndex {
  readonly facts: Uint8Array
  /** Names of clip i, as numbers: names[starts[i]] … names[starts[i + 1] − 1]. */
  readonly names: Uint8Array
  readonly starts: Uint32Array
  readonly byName: readonly (readonly number[])[]
  readonly captioned: readonly number[]
  readonly captionless: readonly number[]
  readonly unknown: readonly number[]
}

/** The bank of clips 0 … count − 1 of a seed and split. Costs no memory for scenes: they are made when asked for. */
export function createClipSource(seed: number, split: WorldSplit, art: ArtCounts, count: number): ClipSource {
  return clipSourceOf(count, (index) => makeClip(seed, index, split, art))
}

/** A bank of whatever clips; `clipAt` must give the same clip each time. Goes through all once, at the first `find`. */
export function clipSourceOf(count: number, clipAt: (index: number) => Clip): ClipSource {
  let known: ClipIndex | undefined
  return {
    count,
    clip: (index) => {
      if (!Number.isInteger(index) || index < 0 || index >= count) {
        throw new RangeError(`expected a clip from 0 to ${count - 1}, got ${index}`)
      }
      return clipAt(index)
    },
    find: (random, query) => {
      known ??= indexClips(count, clipAt)
      return findClip(random, query, known)
    },
  }
}

function indexClips(count: number, clipAt: (index: number) => Clip): ClipIndex {
  const facts = new Uint8Array(count)
  const starts = new Uint32Array(count + 1)
  const allNames: number[] = []
  const byName: number[][] = NAMES.map(() => [])
  const captioned: number[] = []
  const captionless: number[] = []
  const unknown: number[] = []
  for (let index = 0; index < count; index += 1) {
    const clip = clipAt(index)
    const names = namesOf(clip)
    const fact = factsOf(clip) | (names.length > 0 ? KNOWN : 0)
    facts[index] = fact
    starts[index] = allNames.length
    for (const name of names) {
      allNames.push(name)
      byName[name]?.push(index)
    }
    if ((fact & CAPTION_IN_ALL) !== 0) captioned.push(index)
    if ((fact & CAPTION_IN_SOME) === 0) captionless.push(index)
    if ((fact & (KNOWN | CAPTION_IN_SOME)) === 0) unknown.push(index)
  }
  starts[count] = allNames.length
  return { facts, names: Uint8Array.from(allNames), starts, byName, captioned, captionless, unknown }
}

/** Numbers of the objects and shapes that are seen in any phase, each once. */
function namesOf(clip: Clip): number[] {
  const names: number[] = []
  for (const { items } of clip) {
    for (const { name } of items) {
      const number = NAME_NUMBERS.get(name)
      if (number !== undefined && !names.includes(number)) names.push(number)
    }
  }
  return names
}

function factsOf(clip: Clip): number {
  let readable = 0
  let captions = 0
  let still = true
  for (const scene of clip) {
    if (scene.caption !== undefined) captions += 1
    if (scene.caption !== undefined && scene.caption.unreadable !== true) readable += 1
    still &&= looksSame(scene, clip[0])
  }
  return (
    (readable === CLIP_PHASES ? CAPTION_IN_ALL : 0) |
    (captions > 0 ? CAPTION_IN_SOME : 0) |
    (still ? STILL : 0)
  )
}

/** Whether two phases differ in nothing but noise. */
function looksSame(a: Scene, b: Scene): boolean {
  return (
    a.caption?.text === b.caption?.text &&
    isSameBackground(a, b) &&
    a.items.length === b.items.length &&
    a.items.every((item, index) => isSamePlace(item, b.items[index]))
  )
}

function isSameBackground({ background: a }: Scene, { background: b }: Scene): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function isSamePlace(a: SceneItem, b: SceneItem | undefined): boolean {
  return (
    a === b || (a.name === b?.name && a.color === b.color && a.x === b.x && a.y === b.y && a.size === b.size)
  )
}

function findClip(
  random: { int(n: number): number },
  query: ClipQuery,
  index: ClipIndex,
): number | undefined {
  const candidates = candidatesOf(query, index)
  const count = candidates?.length ?? index.facts.length
  if (count === 0) return undefined
  const at = (position: number) => candidates?.[position] ?? position
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const clip = at(random.int(count))
    if (fits(clip, query, index)) return clip
  }
  const first = random.int(count)
  for (let step = 0; step < count; step += 1) {
    const clip = at((first + step) % count)
    if (fits(clip, query, index)) return clip
  }
  return undefined
}

/** The shortest list that holds all clips that fit; undefined: all clips. */
function candidatesOf(query: ClipQuery, index: ClipIndex): readonly number[] | undefined {
  const lists: (readonly number[])[] = []
  if (query.shows !== undefined) lists.push(index.byName[NAME_NUMBERS.get(query.shows) ?? -1] ?? [])
  if (query.caption === true) lists.push(index.captioned)
  if (query.caption === false) lists.push(index.captionless)
  if (query.known === false) lists.push(index.unknown)
  return lists.sort((a, b) => a.length - b.length)[0]
}

function fits(clip: number, query: ClipQuery, index: ClipIndex): boolean {
  const facts = index.facts[clip] ?? 0
  if (query.caption === true && (facts & CAPTION_IN_ALL) === 0) return false
  if (query.caption === false && (facts & CAPTION_IN_SOME) !== 0) return false
  if (query.caption === 'unreadable' && (facts & CAPTIONS) !== CAPTION_IN_SOME) return false
  if (query.still !== undefined && ((facts & STILL) !== 0) !== query.still) return false
  if (query.known === true && (facts & KNOWN) === 0) return false
  if (query.known === false && (facts & (KNOWN | CAPTION_IN_SOME)) !== 0) return false
  if (query.shows !== undefined && !shows(clip, query.shows, index)) return false
  return query.lacks?.every((name) => !shows(clip, name, index)) ?? true
}

function shows(clip: number, name: Name, { names, starts }: ClipIndex): boolean {
  const number = NAME_NUMBERS.get(name)
  const end = starts[clip + 1] ?? 0
  for (let at = starts[clip] ?? 0; at < end; at += 1) if (names[at] === number) return true
  return false
}
