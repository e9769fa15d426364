/**
 * What a person asks, before anything is decoded: media as they are known from probing, and the conversation so
 * far. Turned into an exact sequence by prompts/compose-request.ts.
 */

/** One picture of the sequence, to be decoded when its turn comes. */
export type PictureRef =
  | { readonly kind: 'image'; readonly media: number; readonly page: number }
  | { readonly kind: 'frame'; readonly media: number; readonly frame: number; readonly seconds: number }
  /** row, column of the tile sheet (LONGLLAVA-FORMAT section 6). */
  | {
      readonly kind: 'tile'
      readonly media: number
      readonly page: number
      readonly row: number
      readonly column: number
    }

export type RequestMedia =
  | {
      readonly kind: 'image'
      readonly page: number
      readonly width: number
      readonly height: number
      readonly tiled: boolean
    }
  /** Chosen frames, in order: decoded frame index and its presentation time in seconds. */
  | {
      readonly kind: 'video'
      readonly frames: readonly { readonly frame: number; readonly seconds: number }[]
    }

export interface RequestTurn {
  readonly question: string
  /** Media shown in this turn, in order. */
  readonly media: readonly RequestMedia[]
  /** The reply; absent in the last, open turn. */
  readonly reply?: string
}

/** A part of the composed sequence. `tokens` may not be empty. */
export type PlannedPart =
  | { readonly kind: 'text'; readonly text: string; readonly tokens: readonly number[] }
  | { readonly kind: 'picture'; readonly picture: PictureRef; readonly tokens: number }

export interface RequestPlan {
  readonly parts: readonly PlannedPart[]
  /** Prompt positions: text tokens plus tokens of all pictures. */
  readonly promptTokens: number
  readonly pictures: number
  /** Frames of videos among the pictures. */
  readonly frames: number
}

/** Media indices in `PictureRef` count all media of all turns in order, from 0. */
