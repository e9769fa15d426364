import { halfExtent, type Box, type Canvas } from './canvas'
import { mixRgb, rgbDistance, shadeOf } from './colors'
import { CLIP_PHASES, type ArtCounts, type Clip } from './composition'
import { captionBox } from './make-caption'
import { LEAST_SHAPE_DISTANCE, placeOf } from './make-items'
import { canvasOfScene, makeScene } from './make-scene'
import { alongZone, isFree, type Placed } from './place-items'
import { createRandom, type WorldRandom } from './random'
import { WORLD_COLORS, type Scene, type SceneBackground, type SceneItem, type WorldSplit } from './scene'

/** Sums of shares of what happens in a clip; the rest stands still. */
const MOVES = 0.22
const ENTERS = 0.37
const LEAVES = 0.52
const FADES = 0.6

/** Least way of a moving thing, 0…1 of the axis it moves along. */
export const LEAST_WAY = 0.3

/** Most drift across its way, 0…1 of that axis. */
const DRIFT = 0.05

const ATTEMPTS = 8

/** Share of the second colour in each phase of a fade: the colour is plain to name in all four. */
const FADE: readonly [number, number, number, number] = [0, 0.12, 0.88, 1]

/**
 * Four phases of one continuing scene: nothing happens, a thing moves evenly, one enters at phase 1 to 3, one leaves
 * then, or the background's colour fades into another. What moves, enters or leaves has a name and is the only one of
 * its name. Phases differ in their noise. The same arguments give the same clip.
 */
export function makeClip(seed: number, index: number, split: WorldSplit, art: ArtCounts): Clip {
  const random = createRandom('clip', seed, index, split)
  const scene = makeScene(random, split, art)
  const happens = random.next()
  if (happens < LEAVES) {
    const actor = pickActor(random, scene.items)
    if (actor === undefined) return still(scene)
    if (happens < MOVES) return moving(random, scene, actor, art[split].fontAdvances) ?? still(scene)
    return entering(scene, actor, 1 + random.int(CLIP_PHASES - 1), happens < ENTERS)
  }
  return (happens < FADES ? fading(random, scene) : undefined) ?? still(scene)
}

function still(scene: Scene): Clip {
  return [scene, phaseOf(scene, 1), phaseOf(scene, 2), phaseOf(scene, 3)]
}

/** The scene with the noise of a phase and, if given, other items or another background. */
function phaseOf(
  scene: Scene,
  phase: number,
  items: readonly SceneItem[] = scene.items,
  background: SceneBackground = scene.background,
): Scene {
  const effects = { ...scene.effects, noiseSeed: scene.effects.noiseSeed + phase }
  return { ...scene, items, background, effects }
}

function pickActor(random: WorldRandom, items: readonly SceneItem[]): number | undefined {
  if (items.length === 0) return undefined
  const first = random.int(items.length)
  for (let step = 0; step < items.length; step += 1) {
    const index = (first + step) % items.length
    const item = items[index]
    if (item === undefined || item.kind === 'unknown') continue
    if (items.every((other, at) => at === index || other.name !== item.name)) return index
  }
  return undefined
}

/** Present from `change` on (`enters`), or before it. */
function entering(scene: Scene, actor: number, change: number, enters: boolean): Clip {
  const others = scene.items.filter((_, index) => index !== actor)
  const at = (phase: number) => phaseOf(scene, phase, phase >= change === enters ? scene.items : others)
  return [at(0), at(1), at(2), at(3)]
}

function moving(
  random: WorldRandom,
  scene: Scene,
  actor: number,
  fontAdvances: readonly number[],
): Clip | undefined {
  const item = scene.items[actor]
  if (item === undefined) return undefined
  const canvas = canvasOfScene(scene)
  const from = placeOf(item, canvas)
  const others = scene.items.filter((_, index) => index !== actor).map((other) => placeOf(other, canvas))
  const { caption } = scene
  const box = caption && captionBox(caption, fontAdvances[caption.font] ?? 1, canvas)
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const to = endOfWay(random, canvas, from)
    if (to === undefined || !isWayFree(from, to, canvas, others, box)) continue
    const at = (phase: number) => {
      const share = phase / (CLIP_PHASES - 1)
      const moved = {
        ...item,
        x: item.x + (to.x / canvas.width - item.x) * share,
        y: item.y + (to.y / canvas.height - item.y) * share,
      }
      return phaseOf(scene, phase, scene.items.with(actor, moved))
    }
    return [scene, at(1), at(2), at(3)]
  }
  return undefined
}

/** Far enough away along one axis, nearly level along the other. */
function endOfWay(random: WorldRandom, canvas: Canvas, from: Placed): Placed | undefined {
  const half = halfExtent(from.size, from.rotationDegrees)
  if (random.chance(0.7)) {
    const x = alongZone(random, random.int(3), canvas.width, half, 0)
    if (x === undefined || Math.abs(x - from.x) < LEAST_WAY * canvas.width) return undefined
    return { ...from, x, y: from.y + random.between(-DRIFT, DRIFT) * canvas.height }
  }
  const y = alongZone(random, random.int(3), canvas.height, half, canvas.bar)
  if (y === undefined || Math.abs(y - from.y) < LEAST_WAY * canvas.height) return undefined
  return { ...from, x: from.x + random.between(-DRIFT, DRIFT) * canvas.width, y }
}

function isWayFree(
  from: Placed,
  to: Placed,
  canvas: Canvas,
  others: readonly Placed[],
  caption: Box | undefined,
): boolean {
  for (let phase = 1; phase < CLIP_PHASES; phase += 1) {
    const share = phase / (CLIP_PHASES - 1)
    const place = {
      ...from,
      x: from.x + (to.x - from.x) * share,
      y: from.y + (to.y - from.y) * share,
    }
    if (!isFree(place, canvas, others, caption)) return false
  }
  return true
}

/** From one flat colour to another that no shape has. Letters without a plate were matched to the first only. */
function fading(random: WorldRandom, scene: Scene): Clip | undefined {
  const { background, caption, items } = scene
  if (background.kind !== 'flat' || (caption !== undefined && caption.plate === undefined)) return undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const color = random.pick(WORLD_COLORS)
    if (color === background.color || items.some((item) => item.color === color)) continue
    const rgb = shadeOf(random, color)
    const at = (phase: 0 | 1 | 2 | 3) => {
      const mixed = mixRgb(background.rgb, rgb, FADE[phase])
      return phaseOf(scene, phase, items, {
        kind: 'flat',
        color: phase < 2 ? background.color : color,
        rgb: mixed,
      })
    }
    const clip: Clip = [scene, at(1), at(2), at(3)]
    if (clip.every(standsOut)) return clip
  }
  return undefined
}

function standsOut({ background, items }: Scene): boolean {
  return (
    background.kind !== 'flat' ||
    items.every(({ rgb }) => rgb === undefined || rgbDistance(rgb, background.rgb) >= LEAST_SHAPE_DISTANCE)
  )
}
