import type { ImageProcessing } from '../model-description'
import { resample, type Colour, type Layout } from './resample'

/** The colour that squares a picture: int(mean · 255), (122, 116, 104) in the official models. */
export function padColour(mean: ImageProcessing['mean']): Colour {
  return [Math.trunc(mean[0] * 255), Math.trunc(mean[1] * 255), Math.trunc(mean[2] * 255)]
}

function plainLayout(width: number, height: number, outWidth: number, outHeight: number): Layout {
  return {
    width,
    height,
    canvasWidth: width,
    canvasHeight: height,
    offsetX: 0,
    offsetY: 0,
    fill: [0, 0, 0],
    outWidth,
    outHeight,
    windowX: 0,
    windowY: 0,
    windowWidth: outWidth,
    windowHeight: outHeight,
  }
}

/** The square canvas of a picture: an odd remainder leaves the extra line at the bottom or right. */
function squareCanvas(width: number, height: number, fill: Colour): Partial<Layout> {
  const side = Math.max(width, height)
  return {
    canvasWidth: side,
    canvasHeight: side,
    offsetX: Math.floor((side - width) / 2),
    offsetY: Math.floor((side - height) / 2),
    fill,
  }
}

/**
 * How a picture of this size becomes the model's input (LONGLLAVA-FORMAT section 5). `pad`: squared with the mean
 * colour, then resized. `crop`: shortest edge to `side`, the other to int(side · long / short), then the middle.
 */
export function modelInputLayout(width: number, height: number, processing: ImageProcessing): Layout {
  const { side } = processing
  if (processing.aspect === 'pad') {
    return {
      ...plainLayout(width, height, side, side),
      ...squareCanvas(width, height, padColour(processing.mean)),
    }
  }
  const long = Math.trunc((side * Math.max(width, height)) / Math.min(width, height))
  const outWidth = width <= height ? side : long
  const outHeight = width <= height ? long : side
  return {
    ...plainLayout(width, height, outWidth, outHeight),
    windowX: Math.floor((outWidth - side) / 2),
    windowY: Math.floor((outHeight - side) / 2),
    windowWidth: side,
    windowHeight: side,
  }
}

/**
 * A picture as the vision tower takes it.
 * rgb:     [height, width, 3] bytes.
 * returns: [side, side, 3] bytes. Normalising is the engine's.
 */
export function toModelInput(
  rgb: Uint8Array,
  width: number,
  height: number,
  processing: ImageProcessing,
): Uint8Array<ArrayBuffer> {
  return resample(rgb, modelInputLayout(width, height, processing))
}

/** The picture in the middle of a square of one colour, [max(w,h), max(w,h), 3]. */
export function squarePad(
  rgb: Uint8Array,
  width: number,
  height: number,
  mean: ImageProcessing['mean'],
): Uint8Array {
  const side = Math.max(width, height)
  return resample(rgb, {
    ...plainLayout(width, height, side, side),
    ...squareCanvas(width, height, padColour(mean)),
  })
}

/** Pillow's `resize((outWidth, outHeight), BICUBIC)`, bit for bit. */
export function resizeBicubic(
  rgb: Uint8Array,
  width: number,
  height: number,
  outWidth: number,
  outHeight: number,
): Uint8Array {
  return resample(rgb, plainLayout(width, height, outWidth, outHeight))
}

/** The middle of a picture at least `side` wide and high: top = (h − side) div 2, left = (w − side) div 2. */
export function centreCrop(rgb: Uint8Array, width: number, height: number, side: number): Uint8Array {
  if (width < side || height < side) {
    throw new RangeError(`expected a picture of at least ${side}x${side}, got ${width}x${height}`)
  }
  return resample(rgb, {
    ...plainLayout(width, height, width, height),
    windowX: Math.floor((width - side) / 2),
    windowY: Math.floor((height - side) / 2),
    windowWidth: side,
    windowHeight: side,
  })
}
