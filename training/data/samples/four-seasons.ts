import type { WorldSet } from '../../../app/domain/world/composition'
import type { Rgb } from '../../../app/domain/world/colors'
import type { Scene, SceneBackground, SceneItem, WorldColor } from '../../../app/domain/world/scene'
import { thing } from './thing'

const WHITE: Rgb = [255, 255, 255]

function season(
  text: string,
  plate: Rgb,
  [color, from, to]: readonly [WorldColor, Rgb, Rgb],
  items: readonly SceneItem[],
): Scene {
  const background: SceneBackground = { kind: 'gradient', color, from, to }
  return {
    split: 'train',
    aspect: 4 / 3,
    background,
    items,
    caption: { text, drawn: text, font: 7, x: 0.5, y: 0.15, height: 0.09, color: WHITE, plate },
    effects: { blur: 0, noise: 0, brightness: 1, blocks: 0, noiseSeed: 0 },
  }
}

/**
 * The same place in four seasons: a tree always stands on the left, and beside it what the season brings. In winter the
 * rabbit of the film looks in.
 */
export const fourSeasons: WorldSet = {
  pictures: [
    season(
      'SPRING',
      [20, 100, 50],
      ['pink', [250, 176, 210], [238, 140, 184]],
      [thing('tree', 0, 0.28, 0.62, 0.5), thing('flower', 0, 0.7, 0.68, 0.42)],
    ),
    season(
      'SUMMER',
      [190, 20, 30],
      ['blue', [86, 140, 232], [50, 100, 214]],
      [thing('tree', 0, 0.28, 0.62, 0.5), thing('sun', 0, 0.7, 0.52, 0.46)],
    ),
    season(
      'AUTUMN',
      [20, 50, 150],
      ['orange', [248, 160, 60], [236, 130, 24]],
      [thing('tree', 0, 0.28, 0.62, 0.5), thing('mushroom', 0, 0.7, 0.7, 0.42)],
    ),
    season(
      'WINTER',
      [20, 50, 150],
      ['purple', [138, 72, 182], [104, 42, 146]],
      [thing('tree', 0, 0.28, 0.62, 0.5), thing('rabbit', 0, 0.7, 0.7, 0.4, true)],
    ),
  ].map((scene, clip) => ({ scene, clip, phase: 0 })),
}
