import { COLOR_RGB } from '../colors'
import { WORLD_SHAPES, type Scene, type SceneItem, type WorldShape } from '../scene'
import { applyEffects } from './apply-effects'
import type { ArtPack, ArtSplit } from './art'
import { drawBackground } from './draw-background'
import { drawCaption } from './draw-caption'
import { drawShape } from './draw-shape'
import { drawSprite } from './draw-sprite'
import { canvasSize, effectScale, placeItem } from './frame-geometry'
import { createRaster, fillBox, type Raster } from './raster'

const SHAPES: ReadonlySet<string> = new Set(WORLD_SHAPES)

/**
 * The canvas of a scene, [round(width / aspect), width, 3]. The same arguments give the same pixels.
 * @throws RangeError when the scene names a drawing, font, photograph or character that the art pack lacks
 */
export function drawScene(scene: Scene, art: ArtPack, width: number): Raster {
  const { width: columns, height } = canvasSize(scene.aspect, width)
  return drawOn(createRaster(columns, height), scene, art)
}

/** Draws over the whole of a raster that has the scene's aspect. */
export function drawOn(raster: Raster, scene: Scene, art: ArtPack): Raster {
  const split = art[scene.split]
  drawBackground(raster, scene.background, split)
  drawBars(raster, scene.effects.letterbox ?? 0)
  for (const item of scene.items) drawItem(raster, item, split)
  if (scene.caption !== undefined) drawCaption(raster, scene.caption, split.glyphs)
  applyEffects(raster, scene.effects, effectScale(scene, raster.width))
  return raster
}

function drawBars(raster: Raster, share: number): void {
  if (share <= 0) return
  const { width, height } = raster
  fillBox(raster, { left: 0, right: width, top: 0, bottom: share * height }, [0, 0, 0])
  fillBox(raster, { left: 0, right: width, top: (1 - share) * height, bottom: height }, [0, 0, 0])
}

function drawItem(raster: Raster, item: SceneItem, art: ArtSplit): void {
  const place = placeItem(item, raster)
  if (isShape(item.name)) {
    drawShape(raster, item.name, place, item.rgb ?? COLOR_RGB[item.color ?? 'gray'])
  } else {
    drawSprite(raster, art.sprites, spriteCell(item, art), place, item.mirrored)
  }
}

export function isShape(name: SceneItem['name']): name is WorldShape {
  return SHAPES.has(name)
}

/**
 * The cell of an object's or unknown thing's drawing.
 * @throws RangeError when the art pack has no such drawing
 */
export function spriteCell(item: SceneItem, art: ArtSplit): number {
  const cells = isShape(item.name) ? undefined : art.drawings.get(item.name)
  const cell = cells?.[item.drawing]
  if (cell === undefined) {
    throw new RangeError(
      `expected one of ${cells?.length ?? 0} drawings of a ${item.name}, got ${item.drawing}`,
    )
  }
  return cell
}
