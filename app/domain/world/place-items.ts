import { halfExtent, MODEL_SIDE, type Box, type Canvas } from './canvas'
import type { WorldRandom } from './random'

/** A thing with its place, in model pixels. */
export interface Placed {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly rotationDegrees: number
}

/** Least distance of two centres along one axis: more than a cell (32 pixels), so that no cell holds two. */
export const LEAST_DISTANCE = MODEL_SIDE / 4

/** Least difference of two centres from left to right, 0…1 of the width: "left to right" must be plain to see. */
export const LEAST_STEP = 0.05

/** Centres keep this far from the borders of the nine zones, 0…1 of an axis: "top left" must be plain to see. */
const ZONE_MARGIN = 0.025

/** How much of a thing must stay clear of a caption: its rim may touch, its middle not. */
const CLEAR_SHARE = 0.85

const ATTEMPTS = 12

/** A place for a thing of this size, or undefined when none was found. Each of the nine zones is as likely. */
export function findPlace(
  random: WorldRandom,
  canvas: Canvas,
  thing: { readonly size: number; readonly rotationDegrees: number },
  others: readonly Placed[],
  caption: Box | undefined,
): Placed | undefined {
  const half = halfExtent(thing.size, thing.rotationDegrees)
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const x = alongZone(random, random.int(3), canvas.width, half, 0)
    const y = alongZone(random, random.int(3), canvas.height, half, canvas.bar)
    if (x === undefined || y === undefined) continue
    const placed = { x, y, size: thing.size, rotationDegrees: thing.rotationDegrees }
    if (isFree(placed, canvas, others, caption)) return placed
  }
  return undefined
}

/** A coordinate in zone 0, 1 or 2 of an axis, with the thing wholly inside; undefined when it does not fit there. */
export function alongZone(
  random: WorldRandom,
  zone: number,
  length: number,
  half: number,
  bar: number,
): number | undefined {
  const low = Math.max(half + bar, length * (zone / 3 + (zone > 0 ? ZONE_MARGIN : 0)))
  const high = Math.min(length - half - bar, length * ((zone + 1) / 3 - (zone < 2 ? ZONE_MARGIN : 0)))
  return low <= high ? random.between(low, high) : undefined
}

/** Whether a thing may stand here: inside the canvas, apart from the others, and clear of the caption. */
export function isFree(
  placed: Placed,
  canvas: Canvas,
  others: readonly Placed[],
  caption: Box | undefined,
): boolean {
  const half = halfExtent(placed.size, placed.rotationDegrees)
  if (placed.x < half || placed.x > canvas.width - half) return false
  if (placed.y < half + canvas.bar || placed.y > canvas.height - half - canvas.bar) return false
  for (const other of others) {
    const stepX = Math.abs(placed.x - other.x)
    if (stepX < LEAST_STEP * canvas.width) return false
    if (stepX < LEAST_DISTANCE && Math.abs(placed.y - other.y) < LEAST_DISTANCE) return false
  }
  return caption === undefined || isClear(placed, (placed.size / 2) * CLEAR_SHARE, caption)
}

function isClear({ x, y }: Placed, reach: number, caption: Box): boolean {
  return (
    x + reach <= caption.left ||
    x - reach >= caption.right ||
    y + reach <= caption.top ||
    y - reach >= caption.bottom
  )
}
