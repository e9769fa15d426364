import type { VideoFrame } from '../../app/domain/world/composition'
import { createRandom, type WorldRandom } from '../../app/domain/world/random'
import type {
  Scene,
  SceneBackground,
  SceneItem,
  WorldColor,
  WorldObject,
  WorldQuestion,
  WorldShape,
} from '../../app/domain/world/scene'

const look = { drawing: 0, rotationDegrees: 0, mirrored: false }

/** An object with its centre at (x, y). */
export function thing(name: WorldObject, x: number, y: number, size = 0.3): SceneItem {
  return { kind: 'object', name, x, y, size, ...look }
}

export function shape(color: WorldColor, name: WorldShape, x: number, y: number, size = 0.3): SceneItem {
  return { kind: 'shape', name, color, rgb: [200, 30, 30], x, y, size, ...look }
}

/** A drawing without a name. */
export function stranger(x: number, y: number): SceneItem {
  return { kind: 'unknown', name: 'unknown', x, y, size: 0.3, ...look }
}

export const PHOTO: SceneBackground = { kind: 'photo', photo: 0, left: 0, top: 0, scale: 1 }

export function flat(
  color: WorldColor,
  rgb: readonly [number, number, number] = [42, 92, 208],
): SceneBackground {
  return { kind: 'flat', color, rgb }
}

/** A square picture; its text, if any, stands at the bottom. */
export function picture(
  background: SceneBackground,
  items: readonly SceneItem[],
  text?: string,
  unreadable = false,
): Scene {
  const place = { font: 0, x: 0.5, y: 0.9, height: 0.1, color: [255, 255, 255] as const }
  return {
    split: 'train',
    aspect: 1,
    background,
    items,
    ...(text === undefined
      ? {}
      : { caption: { text, drawn: text, ...place, ...(unreadable ? { unreadable: true as const } : {}) } }),
    effects: { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 1 },
  }
}

/** A frame every `seconds`, each given as the number of its clip and what it shows. */
export function video(
  seconds: number,
  frames: readonly (readonly [clip: number, scene: Scene])[],
): VideoFrame[] {
  return frames.map(([clip, scene], at) => ({ seconds: at * seconds, scene, clip, phase: 0 }))
}

/** Every question with its answer that comes up in many tries. */
export function askedOften(
  ask: (random: WorldRandom) => readonly WorldQuestion[],
  tries = 400,
): Map<string, string> {
  const answers = new Map<string, string>()
  for (let seed = 0; seed < tries; seed += 1) {
    for (const { question, answer } of ask(createRandom('asked', seed))) answers.set(question, answer)
  }
  return answers
}
