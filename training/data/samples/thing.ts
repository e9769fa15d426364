import type { SceneItem, WorldObject } from '../../../app/domain/world/scene'

/** An object that is not turned. x, y: its centre, 0…1 of the picture; size: 0…1 of its shorter side. */
export function thing(
  name: WorldObject,
  drawing: number,
  x: number,
  y: number,
  size: number,
  mirrored = false,
): SceneItem {
  return { kind: 'object', name, drawing, x, y, size, rotationDegrees: 0, mirrored }
}
