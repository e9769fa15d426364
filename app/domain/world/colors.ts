import type { WorldRandom } from './random'
import type { WorldColor } from './scene'

export type Rgb = readonly [number, number, number]

/** The middle of what counts as each colour. */
export const COLOR_RGB: Readonly<Record<WorldColor, Rgb>> = {
  red: [214, 40, 40],
  orange: [243, 140, 28],
  yellow: [246, 218, 48],
  green: [48, 158, 68],
  blue: [42, 92, 208],
  purple: [126, 56, 168],
  pink: [246, 150, 190],
  brown: [118, 74, 38],
  black: [18, 18, 20],
  white: [246, 246, 244],
  gray: [132, 132, 134],
}

/** How far a channel strays from the middle. */
const JITTER = 12

/** A shade that still counts as the colour. */
export function shadeOf(random: WorldRandom, color: WorldColor): Rgb {
  const [red, green, blue] = COLOR_RGB[color]
  // Grays stray in brightness only: a tinted gray would be another colour.
  if (color === 'gray' || color === 'white' || color === 'black') {
    const step = Math.round(random.between(-JITTER, JITTER))
    return [clampByte(red + step), clampByte(green + step), clampByte(blue + step)]
  }
  return [strayed(random, red), strayed(random, green), strayed(random, blue)]
}

function strayed(random: WorldRandom, channel: number): number {
  return clampByte(Math.round(channel + random.between(-JITTER, JITTER)))
}

function clampByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value
}

/** `share` of `to`, the rest of `from`; whole levels. */
export function mixRgb(from: Rgb, to: Rgb, share: number): Rgb {
  return [
    Math.round(from[0] + (to[0] - from[0]) * share),
    Math.round(from[1] + (to[1] - from[1]) * share),
    Math.round(from[2] + (to[2] - from[2]) * share),
  ]
}

/** Euclidean distance of two colours, 0…442. */
export function rgbDistance(a: Rgb, b: Rgb): number {
  const red = a[0] - b[0]
  const green = a[1] - b[1]
  const blue = a[2] - b[2]
  return Math.sqrt(red * red + green * green + blue * blue)
}

/** WCAG's contrast ratio, 1…21, with a square in place of sRGB's curve. */
export function contrastRatio(a: Rgb, b: Rgb): number {
  const first = luminance(a) + 0.05
  const second = luminance(b) + 0.05
  return first > second ? first / second : second / first
}

function luminance([red, green, blue]: Rgb): number {
  return (0.2126 * red * red + 0.7152 * green * green + 0.0722 * blue * blue) / 65025
}
