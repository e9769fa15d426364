import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import type { ArtPack } from '../../../app/domain/world/draw/art'
import { drawScene } from '../../../app/domain/world/draw/draw-scene'
import type { Raster } from '../../../app/domain/world/draw/raster'
import type { Scene } from '../../../app/domain/world/scene'
import type { SamplesFile } from '../../../app/services/library/sample'
import { encodeVideo } from '../../../app/services/world/world-files'
import { picturesOfFilm } from './draw-film'
import { enlargeArt } from './enlarge-art'
import { expectedAnswers, type ExpectedAnswers, type SampleKind } from './expected-answers'
import { framesOfFilm } from './film'
import { fourSeasons } from './four-seasons'
import { greatRace } from './great-race'
import { lostOnTheBeach } from './lost-on-the-beach'

/** Width of the film and of the pictures of the set. */
const WIDTH = 640
const FILM = 'the-great-race.mp4'
const PICTURE = 'lost-on-the-beach.webp'
const SET = 'four-seasons'

/** Width of the small pictures that offer a sample: twice what they are shown in. */
const ICON_WIDTH = 192
/** The moment of the film that stands for it. */
const ICON_SECONDS = 34
/** The part of the large picture that stands for it. */
const ICON_OF_PICTURE = { left: 64, top: 292, width: 320, height: 240 }

const quality = { quality: 90, effort: 6, smartSubsample: true } as const

/** Draws and writes all samples, with sample.json and what is to be answered. ffmpeg: path of the ffmpeg to write with. */
export async function writeSamples(folder: string, art: ArtPack, ffmpeg: string): Promise<void> {
  await mkdir(join(folder, SET), { recursive: true })
  const frames = framesOfFilm(greatRace)
  const pictures = fourSeasons.pictures.map(({ scene }) => scene)
  const large = await enlargeArt(art, [...frames.map(({ scene }) => scene), ...pictures])
  const draw = (scene: Scene) => drawScene(scene, large, WIDTH)
  for (const [index, scene] of pictures.entries()) {
    const name = `${index + 1}-${(scene.caption?.text ?? '').toLowerCase()}.webp`
    await toSharp(draw(scene))
      .webp(quality)
      .toFile(join(folder, SET, name))
  }
  // The model's tiles are cut out of it as it is: it is drawn with the drawings that the model knows.
  const beach = drawScene(lostOnTheBeach.scene, art, lostOnTheBeach.width)
  await toSharp(beach).webp(quality).toFile(join(folder, PICTURE))
  await writeIcon(join(folder, iconOf('film')), toSharp(draw((frames[ICON_SECONDS] ?? missing()).scene)))
  await writeIcon(join(folder, iconOf('picture')), toSharp(beach).extract(ICON_OF_PICTURE))
  await writeIcon(join(folder, iconOf('set')), toSharp(draw(pictures[0] ?? missing())))
  const answers = expectedAnswers()
  await writeJson(join(folder, 'sample.json'), samplesFile(answers))
  await writeJson(join(folder, 'expected-answers.json'), answers)
  await encodeVideo({
    path: join(folder, FILM),
    width: WIDTH,
    height: WIDTH / greatRace.aspect,
    rate: greatRace.rate,
    pictures: picturesOfFilm(greatRace, large, WIDTH),
    options: [
      ...['-preset', 'slow', '-tune', 'animation', '-crf', '29', '-profile:v', 'high', '-level', '3.1'],
      ...['-movflags', '+faststart', '-fflags', '+bitexact', '-flags:v', '+bitexact'],
    ],
    ffmpeg,
  })
}

function missing(): never {
  throw new RangeError('expected a scene to stand for the sample')
}

function iconOf(kind: SampleKind): string {
  return `${kind}-icon.webp`
}

/** What sample.json says. */
export function samplesFile(answers: ExpectedAnswers): SamplesFile {
  const questions = (kind: SampleKind) =>
    answers[kind].filter(({ isSuggested }) => isSuggested).map(({ question }) => question)
  return {
    samples: [
      {
        kind: 'film',
        title: 'The great race',
        about: 'One minute with a turtle, a rabbit and a rocket.',
        media: FILM,
        icon: iconOf('film'),
        questions: questions('film'),
      },
      {
        kind: 'picture',
        title: 'Lost on the beach',
        about: 'Ten small things are hidden in it.',
        media: PICTURE,
        icon: iconOf('picture'),
        questions: questions('picture'),
      },
      {
        kind: 'set',
        title: 'Four seasons',
        about: 'The same place four times, to compare.',
        media: SET,
        icon: iconOf('set'),
        questions: questions('set'),
      },
    ],
  }
}

function toSharp({ width, height, data }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}

async function writeIcon(path: string, picture: Sharp): Promise<void> {
  await picture
    .resize(ICON_WIDTH, (ICON_WIDTH * 3) / 4)
    .webp({ quality: 80, effort: 6 })
    .toFile(path)
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`)
}
