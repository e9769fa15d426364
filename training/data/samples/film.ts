import type { VideoFrame } from '../../../app/domain/world/composition'
import type {
  Scene,
  SceneBackground,
  SceneCaption,
  SceneItem,
  WorldColor,
  WorldObject,
  WorldShape,
} from '../../../app/domain/world/scene'

/** Where an actor is at a time; between two poses everything changes evenly. */
export interface Pose {
  /** Seconds of the film. */
  readonly at: number
  /** Centre, 0…1 of the canvas; outside of it the actor is off. */
  readonly x: number
  readonly y: number
  /** Longer side, 0…1 of the canvas's height. */
  readonly size: number
}

/**
 * How an actor moves on the spot. Every gait is at rest at whole seconds, so that what the model is shown, one frame a
 * second, is exactly the poses.
 */
export type Gait = 'still' | 'hop' | 'trudge' | 'float' | 'swing' | 'shake' | 'pulse'

export interface Actor {
  readonly name: WorldObject | WorldShape
  /** Index among the drawings of this name of the train split. */
  readonly drawing: number
  readonly mirrored?: boolean
  readonly color?: WorldColor
  readonly rgb?: readonly [number, number, number]
  readonly gait?: Gait
  /** When the gait begins; absent: with the shot. */
  readonly gaitFrom?: number
  /** On stage from the first of these to the last, however long the shot is. */
  readonly poses: readonly Pose[]
}

export interface FilmCaption {
  readonly text: string
  readonly from: number
  readonly until: number
  readonly x: number
  readonly y: number
  /** Height of a capital letter, 0…1 of the canvas's width. */
  readonly height: number
  readonly ink: readonly [number, number, number]
  readonly plate?: readonly [number, number, number]
}

export interface FilmShot {
  /** Lasts until the next begins. Half seconds: no frame that the model is shown lies in a transition. */
  readonly start: number
  readonly opening: 'cut' | 'fade'
  readonly background: SceneBackground
  /** One at a time. */
  readonly captions?: readonly FilmCaption[]
  /** In drawing order, at most three on stage at a time. */
  readonly actors: readonly Actor[]
}

export interface Film {
  readonly seconds: number
  /** Frames a second. */
  readonly rate: number
  readonly aspect: number
  /** Font of all captions, index among those of the train split. */
  readonly font: number
  readonly shots: readonly FilmShot[]
}

/** How long a fade between two shots takes, half of it before the start of the second; and the one to black at the end. */
export const FADE_SECONDS = 0.5
export const LAST_FADE_SECONDS = 0.6

const REST = { x: 0, y: 0, turn: 0, growth: 1 }

/** Number of the shot at a time, from 0. */
export function shotAt({ shots }: Film, seconds: number): number {
  return shots.findLastIndex(({ start }) => start <= seconds)
}

/** What is on stage in one shot at a time, its transitions left out. */
export function sceneOfShot(film: Film, shot: number, seconds: number): Scene {
  const { background, actors, captions = [] } = film.shots[shot] ?? missing(shot)
  const items = actors.flatMap((actor) => itemAt(actor, seconds) ?? [])
  const caption = captions.find(({ from, until }) => from <= seconds && seconds < until)
  return {
    split: 'train',
    aspect: film.aspect,
    background,
    items,
    ...(caption === undefined ? {} : { caption: sceneCaption(caption, film.font) }),
    effects: { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 0 },
  }
}

function missing(shot: number): never {
  throw new RangeError(`the film has no shot ${shot}`)
}

/** The film as the model is shown it: one frame a second. */
export function framesOfFilm(film: Film): readonly VideoFrame[] {
  return Array.from({ length: film.seconds }, (_, seconds) => {
    const shot = shotAt(film, seconds)
    return { seconds, scene: sceneOfShot(film, shot, seconds), clip: shot, phase: 0 }
  })
}

function itemAt(actor: Actor, seconds: number): SceneItem | undefined {
  const { name, drawing, color, rgb, poses } = actor
  const next = poses.findIndex(({ at }) => at > seconds)
  const from = poses[next < 0 ? poses.length - 1 : next - 1]
  // The last pose is held for the moment of its own time only.
  if (from === undefined || (next < 0 && seconds > from.at)) return undefined
  const to = poses[next] ?? from
  const share = to.at > from.at ? (seconds - from.at) / (to.at - from.at) : 0
  const between = (a: number, b: number) => a + (b - a) * share
  const gait = gaitAt(actor, seconds)
  return {
    kind: color === undefined ? 'object' : 'shape',
    name,
    ...(color === undefined ? {} : { color }),
    ...(rgb === undefined ? {} : { rgb }),
    drawing,
    mirrored: actor.mirrored ?? false,
    x: between(from.x, to.x) + gait.x,
    y: between(from.y, to.y) + gait.y,
    size: between(from.size, to.size) * gait.growth,
    rotationDegrees: gait.turn,
  }
}

/** Offsets of the centre (0…1 of the canvas), turn in degrees and growth; at whole seconds those of rest. */
function gaitAt({ gait = 'still', gaitFrom = -Infinity }: Actor, seconds: number): typeof REST {
  if (seconds < gaitFrom) return REST
  const wave = (hertz: number) => Math.sin(2 * Math.PI * hertz * seconds)
  switch (gait) {
    case 'still':
      return REST
    case 'hop':
      return { ...REST, y: -0.07 * Math.abs(wave(1)), turn: -5 * wave(1) }
    case 'trudge':
      return { ...REST, y: -0.008 * Math.abs(wave(1)), turn: 3.5 * wave(1) }
    case 'float':
      return { ...REST, x: 0.02 * wave(0.5), turn: 5 * wave(0.5) }
    case 'swing':
      return { ...REST, turn: 10 * wave(1) }
    case 'shake':
      return { ...REST, x: 0.005 * wave(10), turn: 1.2 * wave(8) }
    case 'pulse':
      return { ...REST, growth: 1 + 0.04 * wave(0.5) }
  }
}

function sceneCaption({ text, x, y, height, ink, plate }: FilmCaption, font: number): SceneCaption {
  return {
    text,
    drawn: text,
    font,
    x,
    y,
    height,
    color: ink,
    ...(plate === undefined ? {} : { plate }),
  }
}
