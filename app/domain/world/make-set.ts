import { CLIP_PHASES, type ClipQuery, type ClipSource, type SetPicture, type WorldSet } from './composition'
import { anyName } from './make-items'
import type { WorldRandom } from './random'

export interface SetOptions {
  /** 2 to 6; left out: by lot. */
  readonly pictures?: number
}

const FEWEST = 2
const MOST = 6

/** Sums of shares: one picture shows a thing that no other shows; some do; one has the only caption; anything. */
const ONE_SHOWS = 0.4
const SOME_SHOW = 0.65
const ONE_CAPTION = 0.75

/**
 * Pictures to compare, from different clips if the source has as many. The same state of `random`, source and options
 * give the same set.
 *
 * @throws RangeError when the source is empty
 */
export function makeSet(random: WorldRandom, source: ClipSource, options: SetOptions = {}): WorldSet {
  const count = options.pictures ?? FEWEST + random.int(MOST - FEWEST + 1)
  const taken: number[] = []
  const pictures = pictureQueries(random, count).map((query): SetPicture => {
    const clip = anotherClip(random, source, query, taken)
    taken.push(clip)
    return pictureOf(random, source, clip, query)
  })
  return { pictures }
}

function pictureQueries(random: WorldRandom, count: number): ClipQuery[] {
  const share = random.next()
  const name = anyName(random)
  if (share < SOME_SHOW) {
    const showing = share < ONE_SHOWS ? 1 : 2 + random.int(count - 1)
    return random.shuffle(
      Array.from({ length: count }, (_, picture) =>
        picture < showing ? { shows: name } : { lacks: [name] },
      ),
    )
  }
  const isCaptioned = share < ONE_CAPTION
  return random.shuffle(
    Array.from({ length: count }, (_, picture) => (isCaptioned ? { caption: picture === 0 } : {})),
  )
}

function anotherClip(
  random: WorldRandom,
  source: ClipSource,
  query: ClipQuery,
  taken: readonly number[],
): number {
  for (const wanted of [query, query, query, query, {}, {}]) {
    const clip = source.find(random, wanted)
    if (clip !== undefined && !taken.includes(clip)) return clip
  }
  const any = source.find(random, {})
  if (any === undefined) throw new RangeError('expected a source of at least one clip, got none')
  return any
}

/** A random phase; of a clip that was chosen for a thing, one in which it is seen. */
function pictureOf(random: WorldRandom, source: ClipSource, clip: number, { shows }: ClipQuery): SetPicture {
  const phases = source.clip(clip)
  const first = random.int(CLIP_PHASES)
  const showing = [0, 1, 2, 3].map((step) => (first + step) % CLIP_PHASES)
  const phase =
    showing.find((at) => shows === undefined || phases[at]?.items.some(({ name }) => name === shows)) ?? first
  return { clip, phase, scene: phases[phase] ?? phases[0] }
}
