import type { Rgb } from '../../../app/domain/world/colors'
import type { SceneBackground, WorldColor } from '../../../app/domain/world/scene'
import type { Actor, Film, FilmCaption, Pose } from './film'

const WHITE: Rgb = [255, 255, 255]
const NIGHT: Rgb = [20, 50, 150]
const RED: Rgb = [190, 20, 30]

function gradient(color: WorldColor, from: Rgb, to: Rgb): SceneBackground {
  return { kind: 'gradient', color, from, to }
}

function photo(number: number, left: number, top: number, scale: number): SceneBackground {
  return { kind: 'photo', photo: number, left, top, scale }
}

const SKY = gradient('blue', [86, 140, 232], [50, 100, 214])
const YELLOW = gradient('yellow', [252, 230, 92], [240, 206, 44])
const PINK = gradient('pink', [250, 170, 206], [240, 138, 182])
const ORANGE = gradient('orange', [248, 160, 60], [236, 130, 24])
const PURPLE = gradient('purple', [138, 72, 182], [104, 42, 146])
const GREEN = gradient('green', [74, 174, 90], [40, 140, 60])
const DUSK = gradient('blue', [66, 108, 214], [34, 80, 190])
const GRASS = photo(59, 0, 0.1, 1)
const STARS = photo(110, 0, 0.1, 1)
const MOUNTAINS = photo(71, 0, 0.04, 1)
const DUNES = photo(54, 0, 0.1, 1)

function pose(at: number, x: number, y: number, size: number): Pose {
  return { at, x, y, size }
}

const turtle = { name: 'turtle', drawing: 0, mirrored: true, gait: 'trudge' } as const
const rabbit = { name: 'rabbit', drawing: 0, mirrored: true, gait: 'hop' } as const

/** A thing that stands there until it is eaten up in three bites. */
function meal(look: Pick<Actor, 'name' | 'drawing'>, from: number, bites: number, place: Pose): Actor {
  const { x, y, size } = place
  const bitten = (at: number, share: number) => pose(at, x, y, size * share)
  return {
    ...look,
    poses: [
      ...[bitten(from, 1), bitten(bites, 1), bitten(bites + 0.1, 0.85), bitten(bites + 0.6, 0.85)],
      ...[bitten(bites + 0.7, 0.7), bitten(bites + 1.2, 0.7), bitten(bites + 1.4, 0.1)],
    ],
  }
}

function banner(text: string, from: number, until: number, plate: Rgb = NIGHT): FilmCaption {
  return { text, from, until, x: 0.5, y: 0.15, height: 0.09, ink: WHITE, plate }
}

/** The countdown stands beside the rocket, large. */
function count(text: string, from: number): FilmCaption {
  return { text, from, until: from + 1, x: 0.24, y: 0.42, height: text.length > 1 ? 0.12 : 0.16, ink: WHITE }
}

/**
 * A turtle and a rabbit run a race, but the rabbit stops for lunch and again for dinner, and is rounder each time. The
 * turtle finds a rocket, flies past the moon and floats down under an umbrella, right before the goal. The rabbit comes
 * too late, and there is cake for both.
 */
export const greatRace: Film = {
  seconds: 60,
  rate: 25,
  aspect: 4 / 3,
  font: 7,
  shots: [
    {
      start: 0,
      opening: 'cut',
      background: SKY,
      actors: [
        {
          name: 'sun',
          drawing: 0,
          gait: 'pulse',
          poses: [pose(0, 0.7, 0.72, 0.44), pose(4, 0.7, 0.32, 0.44), pose(5, 0.7, 0.3, 0.44)],
        },
        { name: 'house', drawing: 0, poses: [pose(0, 0.26, 0.66, 0.5), pose(5, 0.26, 0.66, 0.5)] },
      ],
    },
    {
      start: 4.5,
      opening: 'fade',
      background: YELLOW,
      captions: [banner('START', 4, 10)],
      actors: [
        {
          ...turtle,
          gaitFrom: 7,
          poses: [pose(4, 0.2, 0.68, 0.4), pose(7, 0.2, 0.68, 0.4), pose(10, 0.4, 0.68, 0.4)],
        },
        {
          ...rabbit,
          gaitFrom: 6,
          poses: [
            pose(4, 0.54, 0.66, 0.36),
            pose(7, 0.54, 0.66, 0.36),
            pose(8, 0.8, 0.66, 0.36),
            pose(8.8, 1.2, 0.66, 0.36),
          ],
        },
      ],
    },
    {
      start: 9.5,
      opening: 'cut',
      background: GRASS,
      actors: [
        {
          name: 'butterfly',
          drawing: 0,
          gait: 'float',
          poses: [pose(9, 0.36, 0.24, 0.34), pose(15, 0.46, 0.26, 0.34)],
        },
        {
          ...rabbit,
          poses: [pose(9, -0.01, 0.72, 0.36), pose(14, 0.84, 0.72, 0.36), pose(15, 1.1, 0.72, 0.36)],
        },
      ],
    },
    {
      start: 14.5,
      opening: 'cut',
      background: GREEN,
      captions: [banner('LUNCH', 14, 21, RED)],
      actors: [
        meal({ name: 'carrot', drawing: 0 }, 14, 17.1, pose(0, 0.7, 0.66, 0.42)),
        {
          ...rabbit,
          poses: [
            pose(14, 0.05, 0.66, 0.36),
            pose(15, 0.17, 0.66, 0.36),
            pose(17, 0.4, 0.66, 0.36),
            pose(18.5, 0.4, 0.66, 0.36),
            pose(19, 0.42, 0.65, 0.43),
            pose(21, 0.42, 0.65, 0.43),
          ],
        },
      ],
    },
    {
      start: 20.5,
      opening: 'cut',
      background: ORANGE,
      actors: [
        { name: 'rocket', drawing: 0, poses: [pose(20, 0.74, 0.5, 0.5), pose(26, 0.74, 0.5, 0.5)] },
        { ...turtle, poses: [pose(20, 0.16, 0.68, 0.4), pose(26, 0.44, 0.68, 0.4)] },
      ],
    },
    {
      start: 25.5,
      opening: 'cut',
      background: PURPLE,
      captions: [count('3', 26.5), count('2', 27.5), count('1', 28.5), count('UP', 29.5)],
      actors: [
        {
          ...turtle,
          gait: 'still',
          poses: [
            pose(25, 0.24, 0.68, 0.4),
            pose(26.1, 0.24, 0.68, 0.4),
            pose(26.35, 0.44, 0.34, 0.26),
            pose(26.6, 0.62, 0.52, 0.06),
          ],
        },
        {
          name: 'rocket',
          drawing: 0,
          gait: 'shake',
          gaitFrom: 26.6,
          poses: [
            pose(25, 0.68, 0.56, 0.5),
            pose(29.4, 0.68, 0.56, 0.5),
            pose(30, 0.72, 0.42, 0.5),
            pose(30.5, 1.15, -0.25, 0.5),
          ],
        },
      ],
    },
    {
      start: 30.5,
      opening: 'fade',
      background: STARS,
      actors: [
        {
          name: 'moon',
          drawing: 0,
          gait: 'float',
          poses: [pose(30, 0.77, 0.34, 0.46), pose(37, 0.77, 0.34, 0.46)],
        },
        {
          name: 'rocket',
          drawing: 0,
          gait: 'shake',
          poses: [
            pose(30.4, 0.02, 0.98, 0.36),
            pose(31, 0.14, 0.76, 0.36),
            pose(35, 0.4, 0.24, 0.36),
            pose(35.9, 0.6, -0.25, 0.36),
          ],
        },
      ],
    },
    {
      start: 36.5,
      opening: 'fade',
      background: DUSK,
      captions: [banner('DINNER', 36, 42, RED)],
      actors: [
        meal({ name: 'pizza', drawing: 0 }, 36, 38.1, pose(0, 0.73, 0.66, 0.42)),
        {
          ...rabbit,
          poses: [
            pose(36, 0.1, 0.65, 0.43),
            pose(37, 0.2, 0.65, 0.43),
            pose(38, 0.4, 0.65, 0.43),
            pose(39.5, 0.4, 0.65, 0.43),
            pose(40, 0.42, 0.63, 0.5),
            pose(42, 0.42, 0.63, 0.5),
          ],
        },
      ],
    },
    {
      start: 41.5,
      opening: 'cut',
      background: MOUNTAINS,
      actors: [
        {
          name: 'umbrella',
          drawing: 0,
          gait: 'float',
          poses: [
            pose(41, 0.46, 0.1, 0.4),
            pose(42, 0.46, 0.22, 0.4),
            pose(46, 0.54, 0.45, 0.4),
            pose(47, 0.56, 0.5, 0.4),
          ],
        },
        {
          ...turtle,
          gait: 'float',
          poses: [
            pose(41, 0.52, 0.46, 0.32),
            pose(42, 0.52, 0.58, 0.32),
            pose(46, 0.6, 0.81, 0.32),
            pose(47, 0.62, 0.86, 0.32),
          ],
        },
      ],
    },
    {
      start: 46.5,
      opening: 'cut',
      background: DUNES,
      captions: [banner('GOAL', 46, 51)],
      actors: [
        {
          name: 'bell',
          drawing: 0,
          gait: 'swing',
          gaitFrom: 48,
          poses: [pose(46, 0.74, 0.62, 0.42), pose(51, 0.74, 0.62, 0.42)],
        },
        { ...turtle, poses: [pose(46, 0.14, 0.68, 0.4), pose(48, 0.4, 0.68, 0.4), pose(51, 0.4, 0.68, 0.4)] },
      ],
    },
    {
      start: 50.5,
      opening: 'cut',
      background: DUNES,
      captions: [banner('LATE', 50, 56, RED)],
      actors: [
        {
          ...turtle,
          gait: 'still',
          mirrored: false,
          poses: [pose(50, 0.77, 0.69, 0.4), pose(56, 0.77, 0.69, 0.4)],
        },
        {
          ...rabbit,
          poses: [
            pose(50, 0.06, 0.63, 0.5),
            pose(51, 0.2, 0.63, 0.5),
            pose(54, 0.4, 0.63, 0.5),
            pose(56, 0.4, 0.63, 0.5),
          ],
        },
      ],
    },
    {
      start: 55.5,
      opening: 'fade',
      background: PINK,
      captions: [banner('PARTY', 55, 61)],
      actors: [
        { name: 'cake', drawing: 0, poses: [pose(55, 0.49, 0.66, 0.44), pose(61, 0.49, 0.66, 0.44)] },
        { ...turtle, gait: 'hop', poses: [pose(55, 0.17, 0.69, 0.38), pose(61, 0.17, 0.69, 0.38)] },
        { ...rabbit, mirrored: false, poses: [pose(55, 0.81, 0.64, 0.48), pose(61, 0.81, 0.64, 0.48)] },
      ],
    },
  ],
}
