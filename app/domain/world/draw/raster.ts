/** A picture being drawn: [height, width, 3] bytes, rows from the top. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

export function createRaster(width: number, height: number): Raster {
  return { width, height, data: new Uint8Array(width * height * 3) }
}

/** Clamps to a byte and rounds to the nearest. */
export function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0
}

/** Mixes `coverage` (0…1) of a colour into pixel (x, y), which must lie inside. */
export function blendPixel(
  raster: Raster,
  x: number,
  y: number,
  [red, green, blue]: readonly [number, number, number],
  coverage: number,
): void {
  const at = (y * raster.width + x) * 3
  const { data } = raster
  data[at] = toByte((data[at] as number) * (1 - coverage) + red * coverage)
  data[at + 1] = toByte((data[at + 1] as number) * (1 - coverage) + green * coverage)
  data[at + 2] = toByte((data[at + 2] as number) * (1 - coverage) + blue * coverage)
}

/** A rectangle in pixels; edges may lie between them. */
export interface PixelBox {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Fills a rectangle; pixels that it covers in part are mixed, what is outside the raster is left out. */
export function fillBox(raster: Raster, box: PixelBox, color: readonly [number, number, number]): void {
  const firstX = Math.max(0, Math.floor(box.left))
  const endX = Math.min(raster.width, Math.ceil(box.right))
  const endY = Math.min(raster.height, Math.ceil(box.bottom))
  const wholeX = Math.max(firstX, Math.ceil(box.left))
  const wholeEnd = Math.min(endX, Math.floor(box.right))
  for (let y = Math.max(0, Math.floor(box.top)); y < endY; y += 1) {
    const high = Math.min(box.bottom, y + 1) - Math.max(box.top, y)
    if (high === 1 && wholeX < wholeEnd) fillSpan(raster, y, wholeX, wholeEnd, color)
    for (let x = firstX; x < endX; x += 1) {
      if (high === 1 && x === wholeX && wholeX < wholeEnd) x = wholeEnd
      if (x >= endX) break
      const wide = Math.min(box.right, x + 1) - Math.max(box.left, x)
      blendPixel(raster, x, y, color, wide * high)
    }
  }
}

/** Pixels [from, end) of row y, without mixing. */
function fillSpan(
  { width, data }: Raster,
  y: number,
  from: number,
  end: number,
  [red, green, blue]: readonly [number, number, number],
): void {
  const stop = (y * width + end) * 3
  for (let at = (y * width + from) * 3; at < stop; at += 3) {
    data[at] = red
    data[at + 1] = green
    data[at + 2] = blue
  }
}
