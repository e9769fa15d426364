import type { SheetTile } from '../composition'
import type { Scene } from '../scene'
import type { ArtPack } from './art'
import { drawOn } from './draw-scene'
import { canvasWithin } from './frame-geometry'
import { createRaster, fillBox, type Raster } from './raster'

/** The colour around a picture that is not square: int(0.5 · 255), as the model's `pad` does. */
const PADDING = 127

/** The picture in the middle of a square; an odd remainder leaves the extra line at the bottom or right. */
export function padToSquare(picture: Raster): Raster {
  const { width, height, data } = picture
  const side = Math.max(width, height)
  if (width === height) return picture
  const { left, top } = paddingOf(width, height)
  const padded = createRaster(side, side)
  padded.data.fill(PADDING)
  for (let y = 0; y < height; y += 1) {
    padded.data.set(data.subarray(y * width * 3, (y + 1) * width * 3), ((top + y) * side + left) * 3)
  }
  return padded
}

export function paddingOf(width: number, height: number): { readonly left: number; readonly top: number } {
  const side = Math.max(width, height)
  return { left: Math.floor((side - width) / 2), top: Math.floor((side - height) / 2) }
}

/** A scene as the model sees it: [side, side, 3], its canvas as large as fits. */
export function drawFrame(scene: Scene, art: ArtPack, side: number): Raster {
  const { width, height } = canvasWithin(scene.aspect, side)
  return padToSquare(drawOn(createRaster(width, height), scene, art))
}

/** A tile of a large picture as the model sees it: the white margins of the sheet lie over its scene. */
export function drawTile({ scene, margin }: SheetTile, art: ArtPack, side: number): Raster {
  const tile = drawFrame(scene, art, side)
  const white = [255, 255, 255] as const
  fillBox(tile, { left: 0, top: 0, right: side, bottom: margin.top * side }, white)
  fillBox(tile, { left: 0, top: (1 - margin.bottom) * side, right: side, bottom: side }, white)
  fillBox(tile, { left: 0, top: 0, right: margin.left * side, bottom: side }, white)
  fillBox(tile, { left: (1 - margin.right) * side, top: 0, right: side, bottom: side }, white)
  return tile
}
