import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { z } from 'zod'

/** Rectangles in device-independent pixels of the whole desktop. */
export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const MIN_WIDTH = 900
export const MIN_HEIGHT = 600
const DEFAULT = { width: 1440, height: 900 }
/** So much of the window has to lie on a display for a person to find it and take hold of it. */
const VISIBLE = { width: 200, height: 100 }

const stateSchema = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1),
  height: z.int().min(1),
  isMaximized: z.boolean(),
})
/** Where the window was, not maximized, and whether it was maximized. */
export type WindowState = z.infer<typeof stateSchema>

/** null when nothing was kept, or nothing that makes sense: the window then opens where it does the first time. */
export function readWindowState(file: string): WindowState | null {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

/** Under a temporary name first: a crash in between leaves the old file. A full disk loses only the window's place. */
export function writeWindowState(file: string, state: WindowState): void {
  const temporary = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(temporary, JSON.stringify(state))
    renameSync(temporary, file)
  } catch {
    return
  }
}

/**
 * Where to open. The kept place, unless its display is gone; never larger than the display's work area, and never
 * smaller than the window may be.
 * @param workAreas - of the displays that are there now, the primary one first
 */
export function placeWindow(
  kept: WindowState | null,
  workAreas: readonly Bounds[],
): Partial<Bounds> & { width: number; height: number } {
  const [primary] = workAreas
  const home = kept === null ? undefined : workAreas.find((area) => isVisible(kept, area))
  if (kept !== null && home !== undefined) {
    const { width, height } = fitInto(kept, home)
    return { x: kept.x, y: kept.y, width, height }
  }
  // Without a place, the system centres it on the primary display.
  const size = kept ?? DEFAULT
  return primary === undefined ? { width: size.width, height: size.height } : fitInto(size, primary)
}

function fitInto(size: { width: number; height: number }, area: Bounds): { width: number; height: number } {
  return {
    width: Math.max(MIN_WIDTH, Math.min(size.width, area.width)),
    height: Math.max(MIN_HEIGHT, Math.min(size.height, area.height)),
  }
}

function isVisible(window: Bounds, area: Bounds): boolean {
  const width = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x)
  const height = Math.min(window.y + window.height, area.y + area.height) - Math.max(window.y, area.y)
  // The title bar is what a window is moved by: it must not lie above the display.
  return width >= VISIBLE.width && height >= VISIBLE.height && window.y >= area.y - 1
}
