import type { TileLayout } from '../media/tile-layout'
import type { Scene, WorldFrame, WorldObject, WorldShape } from './scene'

/** How many assets of one split an art pack holds. A scene names them by index among those of its split. */
export interface SplitCounts {
  /** Drawings of each object, at least one each. */
  readonly drawings: Readonly<Record<WorldObject, number>>
  /** Drawings of things outside the world. */
  readonly unknown: number
  readonly photos: number
  /** Per font: the mean advance of its capitals and digits, in heights of a capital letter. */
  readonly fontAdvances: readonly number[]
}

/** What the generator has to know of an art pack. */
export interface ArtCounts {
  readonly train: SplitCounts
  readonly test: SplitCounts
}

/** Four phases of one continuing scene. */
export type Clip = readonly [Scene, Scene, Scene, Scene]

export const CLIP_PHASES = 4

/** A frame of a bank of clips: frame `clip · 4 + phase`. */
export interface ClipRef {
  readonly clip: number
  /** 0…3 */
  readonly phase: number
}

/** What a clip must be like to be found. Conditions left out do not matter. */
export interface ClipQuery {
  /** `true`: a readable caption in every phase. `false`: no caption in any. `unreadable`: one that cannot be read. */
  readonly caption?: boolean | 'unreadable'
  /** Shown in at least one phase. */
  readonly shows?: WorldObject | WorldShape
  /** Shown in no phase. */
  readonly lacks?: readonly (WorldObject | WorldShape)[]
  /** All phases show the same things in the same places before the same background. */
  readonly still?: boolean
  /** `true`: an object or shape in at least one phase. `false`: in none, and no caption. */
  readonly known?: boolean
}

/** A bank of clips, numbered from 0. */
export interface ClipSource {
  readonly count: number
  /** @throws RangeError outside [0, count) */
  clip(index: number): Clip
  /** A random clip that fits, or undefined when none does. */
  find(random: { int(n: number): number }, query: ClipQuery): number | undefined
}

/** Frames of videos and pictures of sets come from a bank, in which the tower has encoded each once. */
export type VideoFrame = WorldFrame & ClipRef
export type SetPicture = ClipRef & { readonly scene: Scene }

/** Pictures to compare; picture 1 is the first. */
export interface WorldSet {
  readonly pictures: readonly SetPicture[]
}

/** White strips at the edges of a tile, 0…1 of its side. */
export interface TileMargin {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface SheetTile {
  /** From 0; answers count from 1. */
  readonly row: number
  readonly column: number
  /** What the tile shows, on a square canvas. To be drawn before the margin, which covers it. */
  readonly scene: Scene
  readonly margin: TileMargin
}

/** A large picture with small things in it, and the tiles that the model gets to see besides the whole. */
export interface WorldSheet {
  /** Pixels. */
  readonly width: number
  readonly height: number
  /**
   * The whole picture; drawn at the model's width it is the whole view. Each thing lies wholly inside one tile. In tile
   * pictures it is at least 26 pixels large, in the whole view it may be too small to be recognized.
   */
  readonly scene: Scene
  readonly layout: TileLayout
  /** Row by row, left to right. */
  readonly tiles: readonly SheetTile[]
}
