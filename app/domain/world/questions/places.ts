/** The nine parts of a picture, row by row. */
export const ZONES = [
  'top left',
  'top',
  'top right',
  'left',
  'center',
  'right',
  'bottom left',
  'bottom',
  'bottom right',
] as const
export type Zone = (typeof ZONES)[number]

/** How far a centre must be from the border of two zones for its zone to be plain, 0…1 of an axis. */
const ZONE_MARGIN = 0.02

/** Least distance for one thing to be plainly left of or above another, 0…1 of an axis. */
const RELATION_MARGIN = 0.15

interface Point {
  readonly x: number
  readonly y: number
}

/** The zone of a centre in 0…1 of the canvas; undefined when it lies on a border. */
export function zoneOf({ x, y }: Point): Zone | undefined {
  const column = thirdOf(x)
  const row = thirdOf(y)
  return column === undefined || row === undefined ? undefined : ZONES[row * 3 + column]
}

function thirdOf(value: number): number | undefined {
  if (Math.abs(value - 1 / 3) < ZONE_MARGIN || Math.abs(value - 2 / 3) < ZONE_MARGIN) return undefined
  return value < 1 / 3 ? 0 : value < 2 / 3 ? 1 : 2
}

/** Row of a zone, 0 at the top. */
export function rowOfZone(zone: Zone): number {
  return Math.floor(ZONES.indexOf(zone) / 3)
}

/** `at the top left`, `in the center`. */
export function placePhrase(zone: Zone): string {
  return zone === 'center' ? 'in the center' : `at the ${zone}`
}

/** Other words for the same place that people and models use. */
export function otherPlacePhrases(zone: Zone): readonly string[] {
  if (zone === 'center') return ['In the middle.', 'Center.', 'At the center.']
  return [`On the ${zone}.`, `In the ${zone}.`, `${zone}.`]
}

export const DIRECTIONS = ['left of', 'right of', 'above', 'below'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Whether `a` is plainly on this side of `b`. */
export function isPlainly(a: Point, direction: Direction, b: Point): boolean {
  switch (direction) {
    case 'left of':
      return b.x - a.x >= RELATION_MARGIN
    case 'right of':
      return a.x - b.x >= RELATION_MARGIN
    case 'above':
      return b.y - a.y >= RELATION_MARGIN
    case 'below':
      return a.y - b.y >= RELATION_MARGIN
  }
}
