import type { WorldShape } from '../scene'
import type { PlacedItem } from './frame-geometry'
import { blendPixel, type Raster } from './raster'

type Point = readonly [number, number]

/** Inner radius of the star, 0…1 of its outer one. */
const STAR_INNER = 0.44

/** Corners of the shapes within −0.5…0.5, y downwards. */
const CORNERS: Readonly<Record<Exclude<WorldShape, 'circle'>, readonly Point[]>> = {
  square: [
    [-0.5, -0.5],
    [0.5, -0.5],
    [0.5, 0.5],
    [-0.5, 0.5],
  ],
  triangle: [
    [0, -Math.sqrt(3) / 4],
    [0.5, Math.sqrt(3) / 4],
    [-0.5, Math.sqrt(3) / 4],
  ],
  star: Array.from({ length: 10 }, (_, corner): Point => {
    const radius = corner % 2 === 0 ? 0.5 : 0.5 * STAR_INNER
    const angle = (corner * Math.PI) / 5
    return [radius * Math.sin(angle), -radius * Math.cos(angle)]
  }),
}

/** Radius around the centre that the shape fills without exception, and one that it never leaves; of its size. */
const FILLED: Readonly<Record<WorldShape, number>> = {
  circle: 0.5,
  square: 0.5,
  triangle: Math.sqrt(3) / 12,
  star: 0.5 * STAR_INNER * Math.cos(Math.PI / 5),
}
const REACH: Readonly<Record<WorldShape, number>> = {
  circle: 0.5,
  square: Math.SQRT1_2,
  triangle: Math.hypot(0.5, Math.sqrt(3) / 4),
  star: 0.5,
}

/** Distance to the shape's edge, negative inside, of a point in its own directions; all in units of its size. */
export function signedDistance(shape: WorldShape, x: number, y: number): number {
  if (shape === 'circle') return Math.sqrt(x * x + y * y) - 0.5
  if (shape === 'square') {
    const outX = Math.abs(x) - 0.5
    const outY = Math.abs(y) - 0.5
    return outX > 0 && outY > 0 ? Math.sqrt(outX * outX + outY * outY) : Math.max(outX, outY)
  }
  return polygonDistance(CORNERS[shape], x, y)
}

/** Nearest distance to any edge; inside by the even-odd rule (Inigo Quilez, "2D distance functions"). */
function polygonDistance(corners: readonly Point[], x: number, y: number): number {
  let nearest = Infinity
  let inside = false
  for (let index = 0; index < corners.length; index += 1) {
    const [ax, ay] = corners[index] as Point
    const [bx, by] = corners[(index + 1) % corners.length] as Point
    const alongX = bx - ax
    const alongY = by - ay
    const toX = x - ax
    const toY = y - ay
    const share = (toX * alongX + toY * alongY) / (alongX * alongX + alongY * alongY)
    const kept = share < 0 ? 0 : share > 1 ? 1 : share
    const restX = toX - alongX * kept
    const restY = toY - alongY * kept
    nearest = Math.min(nearest, restX * restX + restY * restY)
    if (ay > y !== by > y && x < ax + (alongX * (y - ay)) / alongY) inside = !inside
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest)
}

/**
 * Fills a shape with one colour; edges are antialiased over one pixel.
 * grown: pixels by which the edge lies outside the shape's own.
 */
export function drawShape(
  raster: Raster,
  shape: WorldShape,
  place: PlacedItem,
  color: readonly [number, number, number],
  grown = 0,
): void {
  const { x: centreX, y: centreY, size, cos, sin } = place
  const reach = REACH[shape] * size + grown + 1
  const filled = Math.max(0, FILLED[shape] * size - 1) ** 2
  const endX = Math.min(raster.width, Math.ceil(centreX + reach))
  const endY = Math.min(raster.height, Math.ceil(centreY + reach))
  for (let y = Math.max(0, Math.floor(centreY - reach)); y < endY; y += 1) {
    for (let x = Math.max(0, Math.floor(centreX - reach)); x < endX; x += 1) {
      const dx = x + 0.5 - centreX
      const dy = y + 0.5 - centreY
      const fromCentre = dx * dx + dy * dy
      if (fromCentre > reach * reach) continue
      let coverage = 1
      if (fromCentre > filled) {
        const distance = signedDistance(shape, (dx * cos + dy * sin) / size, (dy * cos - dx * sin) / size)
        coverage = 0.5 + grown - distance * size
        if (coverage <= 0) continue
      }
      blendPixel(raster, x, y, color, coverage < 1 ? coverage : 1)
    }
  }
}
