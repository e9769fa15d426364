import { CLIP_PHASES, type ClipQuery, type ClipSource } from './composition'
import type { WorldRandom } from './random'
import type { SceneItem, WorldObject, WorldShape } from './scene'

/** A clip played over some frames. */
export interface Shot {
  readonly clip: number
  readonly frames: number
}

const MOST_SHOTS = 12
/** Needle videos with many frames may have more than 12 shots: one in as many frames. */
const NEEDLE_FRAMES_PER_SHOT = 12
const LONGEST_NEEDLE = 4

const FOCUS_SHARE = 0.5
const MOST_FOCUSED = 4
const RETURN_SHARE = 0.4
const SAME_PLACE_SHARE = 0.4

/** Tries to find another clip than that of the shot before. */
const TRIES = 8

/** Half of the time anything goes; else one thing is in 1 to 4 of the shots and in no other. */
export function ordinaryShots(random: WorldRandom, source: ClipSource, frames: number): readonly Shot[] {
  const shots = shotCount(random, frames, 2)
  const focus = random.chance(FOCUS_SHARE) ? nameInSource(random, source) : undefined
  if (focus === undefined) {
    return cast(
      random,
      source,
      frames,
      Array.from({ length: shots }, () => ({})),
    )
  }
  const shown = 1 + random.int(Math.min(MOST_FOCUSED, shots))
  const order = random.shuffle(Array.from({ length: shots }, (_, shot) => shot < shown))
  return cast(
    random,
    source,
    frames,
    order.map((shows) => (shows ? { shows: focus } : { lacks: [focus] })),
  )
}

/** The hero is in the first shot, away in the next, and comes back where there are at least three shots. */
export function storyShots(random: WorldRandom, source: ClipSource, frames: number): readonly Shot[] {
  const hero = nameInSource(random, source)
  if (hero === undefined) return ordinaryShots(random, source, frames)
  const count = shotCount(random, frames, 3)
  const back = 2 + random.int(count - 2)
  const queries = Array.from({ length: count }, (_, shot) =>
    shot === 0 || shot === back || (shot > back && random.chance(RETURN_SHARE))
      ? { shows: hero }
      : { lacks: [hero] },
  )
  const shots = [...cast(random, source, frames, queries)]
  const first = shots[0]
  const returned = shots[back]
  if (first === undefined || returned === undefined || !random.chance(SAME_PLACE_SHARE)) return shots
  // All phases, as in the first shot.
  if (returned.frames >= CLIP_PHASES) shots[back] = { clip: first.clip, frames: returned.frames }
  return shots
}

/** @throws RangeError when the source has no clip with a caption, or none without */
export function needleShots(
  random: WorldRandom,
  source: ClipSource,
  frames: number,
  depth: number,
): readonly Shot[] {
  const needle = mustFind(random, source, { caption: true }, 'with a caption')
  const length = 1 + random.int(Math.min(LONGEST_NEEDLE, Math.floor(frames / 3)))
  const before = placeAt(depth, frames - length)
  const most = Math.max(MOST_SHOTS, Math.floor(frames / NEEDLE_FRAMES_PER_SHOT)) - 1
  const shots = 1 + random.int(most)
  return [
    ...plainShots(random, source, before, Math.round((shots * before) / frames)),
    { clip: needle, frames: length },
    ...plainShots(random, source, frames - length - before, Math.round((shots * (frames - before)) / frames)),
  ]
}

/** @throws RangeError when the source has no still clip without caption, or no other that shows other things */
export function oddFrameShots(
  random: WorldRandom,
  source: ClipSource,
  frames: number,
  depth: number,
): readonly Shot[] {
  const query = { caption: false, still: true, known: true }
  const usual = mustFind(random, source, query, 'that stands still')
  const lacks = source
    .clip(usual)[0]
    .items.filter(isKnown)
    .map(({ name }) => name)
  const odd = mustFind(random, source, { ...query, lacks }, 'that shows other things')
  const before = placeAt(depth, frames - 1)
  return [
    { clip: usual, frames: before },
    { clip: odd, frames: 1 },
    { clip: usual, frames: frames - 1 - before },
  ].filter((shot) => shot.frames > 0)
}

/** Shots without a caption; fewer than asked when there are fewer frames, one when none is asked. */
function plainShots(random: WorldRandom, source: ClipSource, frames: number, shots: number): readonly Shot[] {
  if (frames === 0) return []
  const count = Math.max(1, Math.min(frames, shots))
  mustFind(random, source, { caption: false }, 'without a caption')
  return cast(
    random,
    source,
    frames,
    Array.from({ length: count }, () => ({ caption: false })),
  )
}

function placeAt(depth: number, last: number): number {
  return Math.round(Math.min(1, Math.max(0, depth)) * last)
}

/** Shots of at least 2 frames, up to 12; `least` of them even if they are shorter, but no more than frames. */
function shotCount(random: WorldRandom, frames: number, least: number): number {
  const most = Math.min(MOST_SHOTS, Math.floor(frames / 2))
  return most <= least ? Math.min(least, frames) : least + random.int(most - least + 1)
}

/** A clip for each query, and frames for each clip. Neighbours differ if the source has two that fit. */
function cast(
  random: WorldRandom,
  source: ClipSource,
  frames: number,
  queries: readonly ClipQuery[],
): readonly Shot[] {
  const lengths = splitFrames(random, frames, queries.length)
  const shots: Shot[] = []
  for (const [index, query] of queries.entries()) {
    const length = lengths[index] ?? 1
    // A shorter shot skips phases, perhaps those that show what it is to show.
    const wanted = query.shows !== undefined && length < CLIP_PHASES ? { ...query, still: true } : query
    shots.push({ clip: anotherClip(random, source, wanted, shots.at(-1)?.clip), frames: length })
  }
  return shots
}

/** Shares frames out to at most as many shots: at least a third of the mean each, the rest by lot. */
export function splitFrames(random: WorldRandom, frames: number, shots: number): readonly number[] {
  const least = Math.max(1, Math.floor(frames / (shots * 3)))
  const rest = frames - least * shots
  const cuts = Array.from({ length: shots - 1 }, () => random.int(rest + 1)).sort((a, b) => a - b)
  return Array.from(
    { length: shots },
    (_, shot) => least + (cuts[shot] ?? rest) - (shot === 0 ? 0 : (cuts[shot - 1] ?? 0)),
  )
}

/** Another clip than `previous` that fits; else `previous` if that fits; else any. */
function anotherClip(
  random: WorldRandom,
  source: ClipSource,
  query: ClipQuery,
  previous: number | undefined,
): number {
  let fitting: number | undefined
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    fitting = source.find(random, query)
    if (fitting !== previous && fitting !== undefined) return fitting
    if (fitting === undefined) break
  }
  return fitting ?? mustFind(random, source, {}, 'of any kind')
}

function mustFind(random: WorldRandom, source: ClipSource, query: ClipQuery, wanted: string): number {
  const clip = source.find(random, query)
  if (clip === undefined) {
    throw new RangeError(`expected a clip ${wanted} among ${source.count}, found none`)
  }
  return clip
}

/** An object or shape that some clip shows. */
function nameInSource(random: WorldRandom, source: ClipSource): WorldObject | WorldShape | undefined {
  const clip = source.find(random, { known: true })
  if (clip === undefined) return undefined
  return random.pick(source.clip(clip).flatMap(({ items }) => items.filter(isKnown))).name
}

type KnownItem = SceneItem & { readonly name: WorldObject | WorldShape }

function isKnown(item: SceneItem): item is KnownItem {
  return item.kind !== 'unknown'
}
