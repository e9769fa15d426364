import { mixRgb, shadeOf, type Rgb } from './colors'
import type { SplitCounts } from './composition'
import type { WorldRandom } from './random'
import { WORLD_COLORS, type SceneBackground } from './scene'

/** How far the ends of a gradient go to white and to black: further, and red would turn pink, orange brown. */
const LIGHTEST = 0.14
const DARKEST = 0.18

/** Smallest side of a crop, 0…1 of the photograph's shorter side. */
const SMALLEST_CROP = 0.5

const FLAT_SHARE = 0.4
const GRADIENT_SHARE = 0.25

/** A background of this kind, or of any. An art pack without photographs gives flat ones in their place. */
export function makeBackground(
  random: WorldRandom,
  counts: SplitCounts,
  kind: SceneBackground['kind'] = anyKind(random),
): SceneBackground {
  if (kind === 'photo' && counts.photos > 0) {
    const scale = random.between(SMALLEST_CROP, 1)
    return {
      kind,
      photo: random.int(counts.photos),
      left: random.between(0, 1 - scale),
      top: random.between(0, 1 - scale),
      scale,
    }
  }
  const color = random.pick(WORLD_COLORS)
  const rgb = shadeOf(random, color)
  if (kind !== 'gradient') return { kind: 'flat', color, rgb }
  const light = mixRgb(rgb, [255, 255, 255], random.between(0, LIGHTEST))
  const dark = mixRgb(rgb, [0, 0, 0], random.between(DARKEST / 2, DARKEST))
  return random.chance(0.5) ? { kind, color, from: light, to: dark } : { kind, color, from: dark, to: light }
}

function anyKind(random: WorldRandom): SceneBackground['kind'] {
  const share = random.next()
  if (share < FLAT_SHARE) return 'flat'
  return share < FLAT_SHARE + GRADIENT_SHARE ? 'gradient' : 'photo'
}

/** The shades that may lie behind a thing; none are known of a photograph. */
export function backgroundShades(background: SceneBackground): readonly Rgb[] {
  if (background.kind === 'flat') return [background.rgb]
  return background.kind === 'gradient' ? [background.from, background.to] : []
}
