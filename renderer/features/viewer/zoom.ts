/** How a picture lies in its frame: screen pixels a picture pixel, and where its centre is drawn. */
export interface Placement {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

const MAX_SCALE = 32

/** The picture whole and centred, never larger than itself. */
export function fit(picture: Size, frame: Size): Placement {
  const scale = Math.min(
    1,
    frame.width / Math.max(1, picture.width),
    frame.height / Math.max(1, picture.height),
  )
  return { scale, x: frame.width / 2, y: frame.height / 2 }
}

/** Zooms by a factor with the point under the pointer staying where it is. Never below the fitting scale. */
export function zoomAt(
  placement: Placement,
  factor: number,
  point: { readonly x: number; readonly y: number },
  picture: Size,
  frame: Size,
): Placement {
  const smallest = fit(picture, frame).scale
  const scale = Math.min(MAX_SCALE, Math.max(smallest, placement.scale * factor))
  const ratio = scale / placement.scale
  return keepInView(
    { scale, x: point.x + (placement.x - point.x) * ratio, y: point.y + (placement.y - point.y) * ratio },
    picture,
    frame,
  )
}

export function panBy(placement: Placement, dx: number, dy: number, picture: Size, frame: Size): Placement {
  return keepInView({ ...placement, x: placement.x + dx, y: placement.y + dy }, picture, frame)
}

/** A picture smaller than its frame stays centred; a larger one covers it. */
function keepInView(placement: Placement, picture: Size, frame: Size): Placement {
  const axis = (centre: number, length: number, space: number) => {
    const half = (length * placement.scale) / 2
    return half * 2 <= space ? space / 2 : Math.min(half, Math.max(space - half, centre))
  }
  return {
    scale: placement.scale,
    x: axis(placement.x, picture.width, frame.width),
    y: axis(placement.y, picture.height, frame.height),
  }
}
