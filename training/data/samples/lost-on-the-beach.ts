import { cutSheet } from '../../../app/domain/world/make-sheet'
import type { WorldSheet } from '../../../app/domain/world/composition'
import type { SceneItem, WorldObject } from '../../../app/domain/world/scene'

/** Four rows and columns of tiles of the model's size. */
const SIDE = 640

/** x, y and size in pixels. */
function thing(
  name: WorldObject,
  drawing: number,
  x: number,
  y: number,
  size: number,
  mirrored = false,
): SceneItem {
  return {
    kind: 'object',
    name,
    drawing,
    x: x / SIDE,
    y: y / SIDE,
    size: size / SIDE,
    rotationDegrees: 0,
    mirrored,
  }
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
      thing('boat', 0, 594, 80, 64),
      thing('fish', 7, 396, 84, 38),
      thing('fish', 0, 540, 244, 40, true),
      thing('bird', 5, 262, 216, 40),
      thing('turtle', 0, 356, 372, 44, true),
      thing('umbrella', 2, 100, 400, 64),
      thing('hat', 1, 50, 246, 42),
      thing('book', 2, 228, 556, 38),
      thing('camera', 0, 190, 424, 38),
      thing('key', 0, 436, 566, 34),
    ],
    effects: { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 0 },
  },
  SIDE,
  SIDE,
)
