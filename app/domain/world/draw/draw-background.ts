import { resizeBicubic } from '../../pixels/model-input'
import type { SceneBackground } from '../scene'
import type { ArtSplit } from './art'
import { fillBox, toByte, type Raster } from './raster'

/** @throws RangeError when the art pack has no such photograph */
export function drawBackground(raster: Raster, background: SceneBackground, art: ArtSplit): void {
  if (background.kind === 'photo') {
    drawPhoto(raster, background, art)
  } else if (background.kind === 'flat') {
    fillBox(raster, { left: 0, top: 0, right: raster.width, bottom: raster.height }, background.rgb)
  } else {
    drawGradient(raster, background.from, background.to)
  }
}

function drawGradient(
  { width, height, data }: Raster,
  from: readonly [number, number, number],
  to: readonly [number, number, number],
): void {
  for (let y = 0; y < height; y += 1) {
    const share = (y + 0.5) / height
    for (let channel = 0; channel < 3; channel += 1) {
      const start = from[channel] ?? 0
      const level = toByte(start + ((to[channel] ?? 0) - start) * share)
      for (let x = 0; x < width; x += 1) data[(y * width + x) * 3 + channel] = level
    }
  }
}

/** The window has the canvas's aspect; its longer side is `scale` of the photograph. */
function drawPhoto(
  raster: Raster,
  { photo, left, top, scale }: Extract<SceneBackground, { kind: 'photo' }>,
  { photos, photoCount }: ArtSplit,
): void {
  if (photo < 0 || photo >= photoCount) {
    throw new RangeError(`expected a photograph from 0 to ${photoCount - 1}, got ${photo}`)
  }
  const aspect = raster.width / raster.height
  const longer = scale * photos.cell
  const width = Math.max(1, Math.round(aspect >= 1 ? longer : longer * aspect))
  const height = Math.max(1, Math.round(aspect >= 1 ? longer / aspect : longer))
  const x = Math.min(Math.round(left * photos.cell), photos.cell - width)
  const y = Math.min(Math.round(top * photos.cell), photos.cell - height)
  const cellX = (photo % photos.columns) * photos.cell + x
  const cellY = Math.floor(photo / photos.columns) * photos.cell + y
  const window = new Uint8Array(width * height * 3)
  for (let row = 0; row < height; row += 1) {
    const start = ((cellY + row) * photos.width + cellX) * 3
    window.set(photos.data.subarray(start, start + width * 3), row * width * 3)
  }
  raster.data.set(resizeBicubic(window, width, height, raster.width, raster.height))
}
