import type { Scene, SceneItem } from '../scene'

/** Whole pixels of a scene's canvas when it is drawn this wide. */
export function canvasSize(
  aspect: number,
  width: number,
): { readonly width: number; readonly height: number } {
  return { width, height: Math.max(1, Math.round(width / aspect)) }
}

/** Whole pixels of a canvas whose longer side is `side`. */
export function canvasWithin(
  aspect: number,
  side: number,
): { readonly width: number; readonly height: number } {
  return aspect >= 1
    ? { width: side, height: Math.max(1, Math.round(side / aspect)) }
    : { width: Math.max(1, Math.round(side * aspect)), height: side }
}

/** Where an item lies on a canvas, pixels. `cos` and `sin` turn canvas directions into the drawing's. */
export interface PlacedItem {
  readonly x: number
  readonly y: number
  /** Longer side. */
  readonly size: number
  readonly cos: number
  readonly sin: number
}

export function placeItem(
  item: SceneItem,
  canvas: { readonly width: number; readonly height: number },
): PlacedItem {
  const angle = (item.rotationDegrees * Math.PI) / 180
  return {
    x: item.x * canvas.width,
    y: item.y * canvas.height,
    size: item.size * Math.min(canvas.width, canvas.height),
    cos: Math.cos(angle),
    sin: Math.sin(angle),
  }
}

/** Pixels of a canvas per model pixel: effects are stated for a longer side of 160. */
export function effectScale({ aspect }: Scene, width: number): number {
  return Math.max(width, width / aspect) / 160
}
