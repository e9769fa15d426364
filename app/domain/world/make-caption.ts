import type { Box, Canvas } from './canvas'
import { contrastRatio, type Rgb } from './colors'
import { CAPTION_WORDS } from './lexicon'
import type { WorldRandom } from './random'
import type { SceneBackground, SceneCaption } from './scene'

/** Least mean advance of a legible line's glyphs, in model pixels. */
export const LEAST_ADVANCE = 10

/** Small letters are narrower than the capitals that fonts are measured by. */
export const SMALL_LETTER_ADVANCE = 0.8

/** Share of lines in capitals; the others are in title case. All, while the world is small. */
const CAPITALS_SHARE = 1

/** How much wider than by the mean advance a word of wide letters (SHOW, SUMMER) may be. */
const WIDE_LETTERS = 1.16

/** Least contrast ratio of letters and what is behind them. */
export const LEAST_CONTRAST = 3

/** Height of a line with its plate, and how far a plate sticks out at each end, in heights of a capital letter. */
const LINE_HEIGHT = 1.7
const PLATE_MARGIN = 0.3

/** Tallest capital letter: 0…1 of the canvas's height, and in model pixels. */
const TALLEST_SHARE = 0.22
const TALLEST = 34

/** Heights of capital letters that cannot be read, in model pixels. */
const UNREADABLE_HEIGHT: readonly [number, number] = [2, 3]

const INKS: readonly Rgb[] = [
  [255, 255, 255],
  [255, 255, 255],
  [0, 0, 0],
  [0, 0, 0],
  [255, 226, 40],
  [220, 30, 30],
  [30, 60, 190],
  [20, 120, 50],
  [255, 150, 30],
  [90, 20, 120],
]

const PLATES: readonly Rgb[] = [
  [0, 0, 0],
  [0, 0, 0],
  [255, 255, 255],
  [255, 255, 255],
  [190, 20, 30],
  [20, 50, 150],
  [20, 100, 50],
  [250, 210, 40],
  [70, 70, 76],
]

export interface CaptionRequest {
  readonly canvas: Canvas
  readonly background: SceneBackground
  /** Per font of the split: mean advance in heights of a capital letter. */
  readonly fontAdvances: readonly number[]
  readonly unreadable: boolean
}

/** A line of text that fits the canvas and, unless `unreadable`, stands out from what is behind it. */
export function makeCaption(random: WorldRandom, request: CaptionRequest): SceneCaption {
  const { canvas, fontAdvances, unreadable } = request
  const font = random.int(fontAdvances.length)
  const advance = fontAdvances[font] ?? 1
  const isCapitals = random.chance(CAPITALS_SHARE)
  // The least advance is asked of the letters as they are drawn.
  const least = LEAST_ADVANCE / (isCapitals ? 1 : SMALL_LETTER_ADVANCE)
  const lowest = least / advance
  const text = captionText(
    random,
    Math.floor((canvas.width - 2 * PLATE_MARGIN * lowest) / (WIDE_LETTERS * least)),
  )
  const drawn = isCapitals ? text : titleCase(text)
  // Capital heights that the line takes, plate and all.
  const widest = text.length * advance * WIDE_LETTERS + 2 * PLATE_MARGIN
  const highest = Math.max(lowest, Math.min(canvas.width / widest, TALLEST, TALLEST_SHARE * canvas.height))
  const capital = unreadable ? random.between(...UNREADABLE_HEIGHT) : random.between(lowest, highest)
  const halfWidth = (widest / 2) * capital
  const halfHeight = (LINE_HEIGHT * capital) / 2
  const ink = inkOn(random, request.background, unreadable)
  return {
    text,
    drawn,
    font,
    x: random.chance(0.5) ? 0.5 : inside(random, halfWidth, canvas.width),
    y: lineHeight(random, halfHeight, canvas.height),
    height: capital / canvas.width,
    ...ink,
    ...(unreadable ? { unreadable: true as const } : {}),
  }
}

/** What a caption takes of the canvas, plate and all, in model pixels. */
export function captionBox(caption: SceneCaption, advance: number, canvas: Canvas): Box {
  const capital = caption.height * canvas.width
  const halfWidth = ((caption.text.length * advance * WIDE_LETTERS) / 2 + PLATE_MARGIN) * capital
  const halfHeight = (LINE_HEIGHT * capital) / 2
  const x = caption.x * canvas.width
  const y = caption.y * canvas.height
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight }
}

/** A word, two, a number, a word with a number, or a time; at most `longest` characters. */
export function captionText(random: WorldRandom, longest: number): string {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const text = anyText(random)
    if (text.length <= longest) return text
  }
  return String(random.int(1000))
}

function anyText(random: WorldRandom): string {
  const kind = random.next()
  if (kind < 0.42) return random.pick(CAPTION_WORDS)
  if (kind < 0.6) return `${random.pick(CAPTION_WORDS)} ${random.pick(CAPTION_WORDS)}`
  if (kind < 0.72) return String(captionNumber(random))
  if (kind < 0.9) return `${random.pick(CAPTION_WORDS)} ${captionNumber(random)}`
  return `${twoDigits(random.int(24))}:${twoDigits(random.int(60))}`
}

/** One, two and three digits are as likely. */
function captionNumber(random: WorldRandom): number {
  return random.int([10, 100, 1000][random.int(3)] ?? 10)
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

/** `NEWS LIVE` → `News Live`. */
export function titleCase(text: string): string {
  return text
    .split(' ')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join(' ')
}

function inside(random: WorldRandom, half: number, length: number): number {
  return half * 2 < length ? random.between(half, length - half) / length : 0.5
}

/** Captions stand at the bottom more often than at the top, and in the middle least. */
function lineHeight(random: WorldRandom, half: number, height: number): number {
  const place = random.next()
  const edge = half + random.between(0, 0.06) * height
  if (place < 0.45) return 1 - edge / height
  if (place < 0.75) return edge / height
  return inside(random, half, height)
}

function inkOn(
  random: WorldRandom,
  background: SceneBackground,
  unreadable: boolean,
): Pick<SceneCaption, 'color' | 'plate'> {
  // Nothing is known of a photograph's pixels: only a plate makes sure of the contrast.
  if (background.kind === 'photo' || random.chance(0.4)) {
    const plate = random.pick(PLATES)
    return { color: inkAgainst(random, [plate]), plate }
  }
  if (unreadable) return { color: random.pick(INKS) }
  return {
    color: inkAgainst(
      random,
      background.kind === 'flat' ? [background.rgb] : [background.from, background.to],
    ),
  }
}

function inkAgainst(random: WorldRandom, behind: readonly Rgb[]): Rgb {
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const ink = random.pick(INKS)
    if (leastContrast(ink, behind) >= LEAST_CONTRAST) return ink
  }
  // One of the two has a ratio of at least 4.5 against any single colour.
  return leastContrast([0, 0, 0], behind) > leastContrast([255, 255, 255], behind)
    ? [0, 0, 0]
    : [255, 255, 255]
}

function leastContrast(ink: Rgb, behind: readonly Rgb[]): number {
  return Math.min(...behind.map((rgb) => contrastRatio(ink, rgb)))
}
