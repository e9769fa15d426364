import { cutSheet } from '../../../app/domain/world/make-sheet'
import type { WorldSheet } from '../../../app/domain/world/composition'
import type { WorldObject } from '../../../app/domain/world/scene'
import { thing } from './thing'

/** Four rows and columns of tiles of the model's size. */
const SIDE = 640

/** x, y and size in pixels. */
function lostThing(name: WorldObject, drawing: number, x: number, y: number, size: number, mirrored = false) {
  return thing(name, drawing, x / SIDE, y / SIDE, size / SIDE, mirrored)
}

/**
 * A beach from high above. Somebody has gone swimming and left hat, book and umbrella on the sand, but where is the key?
 * Everything lies wholly inside one tile.
 */
export const lostOnTheBeach: WorldSheet = cutSheet(
  {
    split: 'train',
    aspect: 1,
    background: { kind: 'photo', photo: 120, left: 0, top: 0, scale: 1 },
    items: [
      lostThing('boat', 0, 594, 80, 64),
      lostThing('fish', 0, 396, 84, 38),
      lostThing('fish', 0, 540, 244, 40, true),
      lostThing('bird', 0, 262, 216, 40),
      lostThing('turtle', 0, 356, 372, 44, true),
      lostThing('umbrella', 0, 100, 400, 64),
      lostThing('hat', 0, 50, 246, 42),
      lostThing('book', 0, 228, 556, 38),
      lostThing('camera', 0, 190, 424, 38),
      lostThing('key', 0, 436, 566, 34),
    ],
    effects: { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 0 },
  },
  SIDE,
  SIDE,
)
