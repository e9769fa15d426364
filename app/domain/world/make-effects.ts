import type { Canvas } from './canvas'
import type { WorldRandom } from './random'
import type { SceneBackground, SceneCaption, SceneEffects } from './scene'

/** Share of pictures without any effect. */
const PLAIN_SHARE = 0.6

const STRONGEST = { blur: 1.3, noise: 14, blocks: 0.8 }

/** Standard deviation of blur that small letters bear, in capital heights. */
const BLUR_OF_LETTERS = 0.07

/** Noise, levels, and blocks that small letters bear, per model pixel of their capital height. */
const NOISE_OF_LETTERS = 0.8
const BLOCKS_OF_LETTERS = 0.03

/** Effects that leave things recognizable and the caption, if it is to be read, legible. */
export function makeEffects(
  random: WorldRandom,
  background: SceneBackground,
  canvas: Canvas,
  caption: SceneCaption | undefined,
): SceneEffects {
  const noiseSeed = random.int(2 ** 31)
  const letterbox = canvas.bar > 0 ? { letterbox: canvas.bar / canvas.height } : {}
  if (random.chance(PLAIN_SHARE)) {
    return { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed, ...letterbox }
  }
  const capital = caption === undefined || caption.unreadable ? Infinity : caption.height * canvas.width
  return {
    blur: random.chance(0.4) ? random.between(0, Math.min(STRONGEST.blur, BLUR_OF_LETTERS * capital)) : 0,
    noise: random.chance(0.4) ? random.between(0, Math.min(STRONGEST.noise, NOISE_OF_LETTERS * capital)) : 0,
    brightness: brightness(random, background),
    blocks: random.chance(0.4)
      ? random.between(0, Math.min(STRONGEST.blocks, BLOCKS_OF_LETTERS * capital))
      : 0,
    noiseSeed,
    ...letterbox,
  }
}

/** Photographs may be dark or bright; named colours must stay what they are called. */
function brightness(random: WorldRandom, background: SceneBackground): number {
  if (!random.chance(0.4)) return 1
  return background.kind === 'photo' ? random.between(0.55, 1.3) : random.between(0.85, 1.12)
}
