import type { ArtCounts } from '../../app/domain/world/composition'
import { makeScene, type SceneOptions } from '../../app/domain/world/make-scene'
import { createRandom } from '../../app/domain/world/random'
import type { Scene, WorldSplit } from '../../app/domain/world/scene'

/** Sums of shares of stills that are made to have a text, and in which nothing has a name; the rest is as all pictures are. */
const TEXT = 0.5
const NOTHING_KNOWN = 0.6

/** Pictures of a bank that belong to no clip: each with its own things and text, where four phases of a clip share one. */
export interface StillSource {
  readonly count: number
  still(index: number): Scene
}

/** Stills 0 … count − 1 of a seed and split; they are made anew whenever they are asked for. */
export function createStillSource(
  seed: number,
  split: WorldSplit,
  art: ArtCounts,
  count: number,
): StillSource {
  return { count, still: (index) => makeStill(seed, index, split, art) }
}

/** The same arguments give the same picture. */
export function makeStill(seed: number, index: number, split: WorldSplit, art: ArtCounts): Scene {
  const random = createRandom('still', seed, index, split)
  return makeScene(random, split, art, optionsOf(random.next()))
}

function optionsOf(share: number): SceneOptions {
  if (share < TEXT) return { caption: 'readable' }
  return share < NOTHING_KNOWN ? { known: false } : {}
}
