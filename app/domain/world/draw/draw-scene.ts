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

/** Line around shapes before photographs, of their size: nobody chose their colour to stand out there. */
const OUTLINE = 0.04

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
  const outline = scene.background.kind === 'photo' ? OUTLINE : 0
  for (const item of scene.items) drawItem(raster, item, split, outline)
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

/** outline: width of the line around shapes, of their size. */
function drawItem(raster: Raster, item: SceneItem, art: ArtSplit, outline: number): void {
  const place = placeItem(item, raster)
  if (isShape(item.name)) {
    const color = item.rgb ?? COLOR_RGB[item.color ?? 'gray']
    if (outline > 0) drawShape(raster, item.name, place, outlineColor(color), outline * place.size)
    drawShape(raster, item.name, place, color)
  } else {
    drawSprite(raster, art.sprites, spriteCell(item, art), place, item.mirrored)
  }
}

/** White around dark shapes, black around light ones. */
function outlineColor([red, green, blue]: readonly [number, number, number]): readonly [
  number,
  number,
  number,
] {
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? [255, 255, 255] : [0, 0, 0]
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
