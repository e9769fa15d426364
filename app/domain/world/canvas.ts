/** Side of the picture that the model sees. Sizes in pixels, here and in its neighbours, are of a canvas this long. */
export const MODEL_SIDE = 160

/** The canvas of a scene in model pixels, before it is padded to the square. */
export interface Canvas {
  readonly width: number
  readonly height: number
  /** Height of the black bars at top and bottom, each. */
  readonly bar: number
}

/** An area in model pixels. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** @param letterbox height of each bar, 0…1 of the canvas's height */
export function canvasOf(aspect: number, letterbox = 0): Canvas {
  const width = aspect >= 1 ? MODEL_SIDE : MODEL_SIDE * aspect
  const height = aspect >= 1 ? MODEL_SIDE / aspect : MODEL_SIDE
  return { width, height, bar: letterbox * height }
}

export function shorterSide(canvas: Canvas): number {
  return Math.min(canvas.width, canvas.height)
}

/**
 * Half the room that a square of this side takes when it is turned. sin a + cos a is at most 1 + a; the bound keeps
 * trigonometry, whose last bit may differ between engines, out of the generator.
 */
export function halfExtent(size: number, rotationDegrees: number): number {
  return (size / 2) * (1 + (Math.abs(rotationDegrees) * Math.PI) / 180)
}
