import type { ArtCounts } from '../../app/domain/world/composition'
import { WORLD_OBJECTS, type WorldObject } from '../../app/domain/world/scene'

/** So many drawings of every object. */
function drawings(each: number): Record<WorldObject, number> {
  return Object.fromEntries(WORLD_OBJECTS.map((name) => [name, each])) as Record<WorldObject, number>
}

/** An art pack's counts, without an art pack: the same drawings in both splits, more of all else for training. */
export const worldArt: ArtCounts = {
  train: { drawings: drawings(3), unknown: 12, photos: 20, fontAdvances: [0.8, 0.9, 1, 1.1] },
  test: { drawings: drawings(3), unknown: 4, photos: 5, fontAdvances: [0.85, 1.05] },
}
