/**
 * What a drawn frame shows. Every question and answer about the drawn world is derived from these values, never from
 * pixels. Positions and sizes are fractions of the canvas, so that a scene can be drawn at any size.
 */

/** Which fonts, poses, photographs and unknown things a scene may show. `test` shares none of them with `train`. */
export type WorldSplit = 'train' | 'test'

/** The colours that shapes and backgrounds may have, in the order of their ids (1-based; 0 is "no colour"). */
export const WORLD_COLORS = [
  'red',
  'orange',
  'yellow',
  'green',
  'blue',
  'purple',
  'pink',
  'brown',
  'black',
  'white',
  'gray',
] as const
export type WorldColor = (typeof WORLD_COLORS)[number]

export const WORLD_SHAPES = ['circle', 'square', 'triangle', 'star'] as const
export type WorldShape = (typeof WORLD_SHAPES)[number]

/** Objects, in the order of their ids. Only ever append: class numbers of trained models depend on the order. */
export const WORLD_OBJECTS = [
  'dog',
  'cat',
  'fish',
  'bird',
  'duck',
  'horse',
  'cow',
  'pig',
  'rabbit',
  'frog',
  'turtle',
  'butterfly',
  'apple',
  'banana',
  'strawberry',
  'lemon',
  'carrot',
  'pizza',
  'cake',
  'car',
  'bus',
  'bicycle',
  'train',
  'airplane',
  'boat',
  'rocket',
  'tree',
  'flower',
  'mushroom',
  'sun',
  'moon',
  'umbrella',
  'key',
  'book',
  'hat',
  'house',
  'guitar',
  'camera',
  'bell',
  'balloon',
] as const
export type WorldObject = (typeof WORLD_OBJECTS)[number]

/** Something with a name and a place. */
export interface SceneItem {
  /** `unknown`: a drawing that the model has no name for. */
  readonly kind: 'object' | 'shape' | 'unknown'
  readonly name: WorldObject | WorldShape | 'unknown'
  /** Of shapes only: the colour's name and the shade that is drawn. */
  readonly color?: WorldColor
  readonly rgb?: readonly [number, number, number]
  /** Centre, 0…1 of the canvas's width and height. */
  readonly x: number
  readonly y: number
  /** Longer side, 0…1 of the canvas's shorter side. */
  readonly size: number
  /** Which drawing of the art pack (index among those of this name and split). */
  readonly drawing: number
  readonly rotationDegrees: number
  readonly mirrored: boolean
}

export interface SceneCaption {
  /** What an answer says: capitals, digits, `:`; words separated by one space. */
  readonly text: string
  /** What is drawn: the same text, perhaps in title case. */
  readonly drawn: string
  /** Font of the art pack (index among those of the split). */
  readonly font: number
  /** Centre of the line, 0…1. */
  readonly x: number
  readonly y: number
  /** Height of a capital letter, 0…1 of the canvas's width. */
  readonly height: number
  readonly color: readonly [number, number, number]
  /** Filled box behind the line; absent: none. */
  readonly plate?: readonly [number, number, number]
  /** Drawn too small to be read: no question may ask for its words, and no target may name its characters. */
  readonly unreadable?: true
}

export type SceneBackground =
  | { readonly kind: 'flat'; readonly color: WorldColor; readonly rgb: readonly [number, number, number] }
  /** `from` at the top edge, `to` at the bottom edge; two shades of the same colour. */
  | {
      readonly kind: 'gradient'
      readonly color: WorldColor
      readonly from: readonly [number, number, number]
      readonly to: readonly [number, number, number]
    }
  /** A crop of photograph `photo` (index among those of the split): left, top, side in 0…1 of its shorter side. */
  | {
      readonly kind: 'photo'
      readonly photo: number
      readonly left: number
      readonly top: number
      readonly scale: number
    }

export interface SceneEffects {
  /** Standard deviation in model pixels (canvas 160 wide). */
  readonly blur: number
  /** Standard deviation of added noise, levels of 255. */
  readonly noise: number
  /** Factor on all channels; 1 leaves them. */
  readonly brightness: number
  /** JPEG-like quantizing of 8×8 blocks, 0 none … 1 strong. */
  readonly blocks: number
  readonly noiseSeed: number
  /** Height of the black bars at top and bottom, each, 0…1 of the canvas's height; absent: none. Items lie between. */
  readonly letterbox?: number
}

export interface Scene {
  readonly split: WorldSplit
  /** Width over height of the canvas; it is padded to a square for the model. */
  readonly aspect: number
  readonly background: SceneBackground
  /** In drawing order. */
  readonly items: readonly SceneItem[]
  readonly caption?: SceneCaption
  readonly effects: SceneEffects
}

/** A frame of a video. */
export interface WorldFrame {
  readonly seconds: number
  readonly scene: Scene
}

/** One question about something drawn, with the answer that the model is trained to give. */
export interface WorldQuestion {
  /** E.g. `presence`, `count`, `read`, `when`; accuracy is reported by task. */
  readonly task: WorldTask
  readonly question: string
  /** The reply used in training and shown as the expected one. */
  readonly answer: string
  /** Other replies that count as right, besides `answer`. Scoring normalises case, articles and final points. */
  readonly accepted: readonly string[]
}

/** Tasks of a single picture that can be answered. */
export const PICTURE_TASKS = [
  'presence',
  'list',
  'count',
  'count-all',
  'shape-color',
  'background',
  'where',
  'what-at',
  'relation',
  'largest',
  'read',
  'brightness',
  'describe',
] as const

export const WORLD_TASKS = [
  ...PICTURE_TASKS,
  // anything that cannot be known
  'absent',
  'out-of-world',
  'off-topic',
  'nothing-known',
  'unreadable',
  // videos
  'when',
  'until',
  'at-time',
  'order',
  'first-last',
  'before-after',
  'duration',
  'times-seen',
  'scenes',
  'change',
  'moving',
  'read-at',
  'needle',
  'odd-frame',
  'video-presence',
  'video-list',
  'summary',
  // several pictures, tiles
  'which-picture',
  'compare',
  'total',
  'tile-place',
  'tile-what',
  // dialogue
  'reference',
] as const
export type WorldTask = (typeof WORLD_TASKS)[number]
