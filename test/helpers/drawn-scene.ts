import type { Raster } from '../../app/domain/world/draw/raster'
import type { Scene, SceneCaption, SceneItem } from '../../app/domain/world/scene'

/** A red square canvas with nothing on it and no effects, and what is to differ. */
export function sceneOf(changes: Partial<Scene> = {}): Scene {
  return {
    split: 'train',
    aspect: 1,
    background: { kind: 'flat', color: 'red', rgb: [200, 0, 0] },
    items: [],
    effects: { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 1 },
    ...changes,
  }
}

/** An upright cat in the middle, half as long as the canvas's shorter side. */
export function itemOf(changes: Partial<SceneItem> = {}): SceneItem {
  return {
    kind: 'object',
    name: 'cat',
    x: 0.5,
    y: 0.5,
    size: 0.5,
    drawing: 0,
    rotationDegrees: 0,
    mirrored: false,
    ...changes,
  }
}

/** `EXIT` in white in the middle, letters a tenth of the canvas's width high. */
export function captionOf(changes: Partial<SceneCaption> = {}): SceneCaption {
  return {
    text: 'EXIT',
    drawn: 'EXIT',
    font: 0,
    x: 0.5,
    y: 0.5,
    height: 0.1,
    color: [255, 255, 255],
    ...changes,
  }
}

export function pixelAt({ width, data }: Raster, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)]
}
