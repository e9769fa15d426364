import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  canvasOf,
  halfExtent,
  MODEL_SIDE,
  shorterSide,
  type Canvas,
} from '../../../../../app/domain/world/canvas'
import { contrastRatio } from '../../../../../app/domain/world/colors'
import { artCounts, type ArtPack } from '../../../../../app/domain/world/draw/art'
import { CAPTION_WORDS } from '../../../../../app/domain/world/lexicon'
import { captionBox, LEAST_ADVANCE, LEAST_CONTRAST } from '../../../../../app/domain/world/make-caption'
import { placeOf, SMALLEST_ITEM } from '../../../../../app/domain/world/make-items'
import { isFree } from '../../../../../app/domain/world/place-items'
import { videoFactsOf } from '../../../../../app/domain/world/questions/video-facts'
import type { Scene } from '../../../../../app/domain/world/scene'
import { bundledModelFolder } from '../../../../../app/host/program-root'
import { loadArtPack } from '../../../../../app/services/world/art-pack'
import { sampleFolder } from '../../../../helpers/bundled-sample'
import { enlargeArt } from '../../../../../training/data/samples/enlarge-art'
import { expectedAnswers } from '../../../../../training/data/samples/expected-answers'
import { framesOfFilm, sceneOfShot, shotAt } from '../../../../../training/data/samples/film'
import { fourSeasons } from '../../../../../training/data/samples/four-seasons'
import { greatRace } from '../../../../../training/data/samples/great-race'
import { lostOnTheBeach } from '../../../../../training/data/samples/lost-on-the-beach'
import { samplesFile } from '../../../../../training/data/samples/sample-files'

let art: ArtPack
beforeAll(async () => {
  art = await loadArtPack(join(bundledModelFolder(), 'world'))
})

/** What of a scene the model is not trained for; empty when all is as in the drawn world. */
function strangenessOf(scene: Scene, canvas: Canvas): string[] {
  const { items, caption } = scene
  const advance = artCounts(art).train.fontAdvances[caption?.font ?? 0] ?? 0
  const box = caption && captionBox(caption, advance, canvas)
  const placed = items.map((item) => placeOf(item, canvas))
  return [
    ...placed.flatMap((place, index) => {
      const name = items[index]?.name ?? ''
      const others = placed.filter((other) => other !== place)
      return [
        ...(isFree(place, canvas, others, box) ? [] : [`no room for the ${name}`]),
        ...(place.size < SMALLEST_ITEM ? [`the ${name} is too small`] : []),
        ...(place.size > shorterSide(canvas) / 2 ? [`the ${name} is too large`] : []),
      ]
    }),
    ...(caption !== undefined && caption.height * canvas.width * advance < LEAST_ADVANCE
      ? [`${caption.text} is too small`]
      : []),
    ...(caption?.plate !== undefined && contrastRatio(caption.color, caption.plate) < LEAST_CONTRAST
      ? [`${caption.text} is too pale`]
      : []),
    ...(box !== undefined && (box.left < 0 || box.top < 0 || box.right > canvas.width)
      ? [`${caption?.text} is cut`]
      : []),
  ]
}

describe('the film', () => {
  const frames = framesOfFilm(greatRace)

  it('shows the model a minute of what it was trained on: whole things, apart from each other, large enough', () => {
    expect(frames).toHaveLength(60)
    const strange = frames.flatMap(({ seconds, scene }) =>
      strangenessOf(scene, canvasOf(scene.aspect)).map((words) => `${seconds}: ${words}`),
    )
    expect(strange).toEqual([])
  })

  it('never shows more than three things, and says only words that the model reads', () => {
    for (const { scene } of frames) expect(scene.items.length).toBeLessThanOrEqual(3)
    const words: ReadonlySet<string> = new Set(CAPTION_WORDS)
    const texts = videoFactsOf(frames).texts.map(({ text }) => text)
    expect(texts).toEqual(['START', 'LUNCH', '3', '2', '1', 'UP', 'DINNER', 'GOAL', 'LATE', 'PARTY'])
    expect(texts.filter((text) => !words.has(text) && !/^\d$/.test(text))).toEqual([])
  })

  it('tells its story: who is seen, in order, and for how long', () => {
    const seen = videoFactsOf(frames).things.map(({ the, runs }) => [
      the,
      runs.map(({ first, last }) => `${first}-${last}`).join(' '),
    ])
    expect(Object.fromEntries(seen)).toEqual({
      'the house': '0-4',
      'the sun': '0-4',
      'the turtle': '5-9 21-26 42-59',
      'the rabbit': '5-8 10-20 37-41 51-59',
      'the butterfly': '10-14',
      'the carrot': '15-18',
      'the rocket': '21-35',
      'the moon': '31-36',
      'the pizza': '37-39',
      'the umbrella': '42-46',
      'the bell': '47-50',
      'the cake': '56-59',
    })
  })

  it('has the rabbit grow with every meal', () => {
    const size = (seconds: number) => frames[seconds]?.scene.items.find(({ name }) => name === 'rabbit')?.size
    expect([size(5), size(20), size(41)]).toEqual([0.36, 0.43, 0.5])
  })

  it('lets nothing jump between two pictures of a shot', () => {
    let widest = 0
    for (let picture = 1; picture < greatRace.seconds * greatRace.rate; picture += 1) {
      const [before, now] = [(picture - 1) / greatRace.rate, picture / greatRace.rate]
      const shot = shotAt(greatRace, now)
      if (shotAt(greatRace, before) !== shot) continue
      const earlier = sceneOfShot(greatRace, shot, before).items
      for (const { name, x, y } of sceneOfShot(greatRace, shot, now).items) {
        const from = earlier.find((item) => item.name === name)
        if (from !== undefined) widest = Math.max(widest, Math.hypot(x - from.x, y - from.y))
      }
    }
    expect(widest).toBeLessThan(0.08)
  })
})

describe('the large picture', () => {
  it('hides each thing wholly inside one of sixteen tiles, small but not too small for the model', () => {
    const { width, height, scene, tiles, layout } = lostOnTheBeach
    expect(strangenessOf(scene, { width, height, bar: 0 })).toEqual([])
    expect([layout.rows, layout.columns]).toEqual([4, 4])
    const inTiles = tiles.flatMap((tile) =>
      tile.scene.items.map((item) => {
        const { x, y, size, rotationDegrees } = placeOf(item, canvasOf(1))
        const half = halfExtent(size, rotationDegrees)
        const isInside = Math.min(x, y) >= half && Math.max(x, y) <= MODEL_SIDE - half
        return `${item.name} ${tile.row + 1} ${tile.column + 1}${isInside ? '' : ' cut'}`
      }),
    )
    expect(inTiles).toEqual([
      ...['fish 1 3', 'boat 1 4', 'hat 2 1', 'bird 2 2', 'fish 2 4'],
      ...['umbrella 3 1', 'camera 3 2', 'turtle 3 3', 'book 4 2', 'key 4 3'],
    ])
  })
})

describe('the set', () => {
  it('compares four seasons that the model can read', () => {
    const scenes = fourSeasons.pictures.map(({ scene }) => scene)
    expect(scenes.flatMap((scene) => strangenessOf(scene, canvasOf(scene.aspect)))).toEqual([])
    expect(scenes.map(({ caption, items }) => [caption?.text, ...items.map(({ name }) => name)])).toEqual([
      ['SPRING', 'tree', 'flower'],
      ['SUMMER', 'tree', 'sun'],
      ['AUTUMN', 'tree', 'mushroom'],
      ['WINTER', 'tree', 'rabbit'],
    ])
  })
})

describe('the answers', () => {
  it('follow from the scenes, by the questions of training', () => {
    const { film, picture, set } = expectedAnswers()
    const offered = [...film, ...picture, ...set].filter(({ isSuggested }) => isSuggested)
    expect(Object.fromEntries(offered.map(({ question, answer }) => [question, answer]))).toEqual({
      'Does a pizza appear?': 'Yes.',
      'When does the rocket appear?': 'At 00:21.',
      'When does the umbrella appear?': 'At 00:42.',
      'Is there a turtle?': 'Yes.',
      'Is there a dog?': 'No.',
      'In which row and column is the hat?': 'Row 2, column 1.',
      'Which picture shows a mushroom?': 'Picture 3.',
      'What does the text in picture 4 say?': 'WINTER',
      'What is the background of picture 2?': 'Blue.',
    })
  })

  it('are the ones that lie beside the samples, and so is what is offered', () => {
    const answers = expectedAnswers()
    const kept = (name: string): unknown => JSON.parse(readFileSync(join(sampleFolder, name), 'utf8'))
    expect(kept('expected-answers.json')).toEqual(answers)
    expect(kept('sample.json')).toEqual(samplesFile(answers))
  })
})

describe('enlarged drawings', () => {
  it('are four times as large, with the same measures, and only those that are drawn', async () => {
    const scene = fourSeasons.pictures[0]?.scene
    if (scene === undefined) throw new Error('expected a scene')
    const { sprites, drawings, glyphs } = (await enlargeArt(art, [scene])).train
    // 70 of 72 pixels are the drawing's, 280 of 282.
    expect([sprites.cell, sprites.height]).toEqual([282, 2 * 282])
    expect(drawings.get('tree')?.filter((cell) => cell >= 0)).toHaveLength(1)
    expect(glyphs.capital).toBe(4 * art.train.glyphs.capital)
    expect(glyphs.fonts[7]?.glyphs.get('S')?.advance).toBe(
      4 * (art.train.glyphs.fonts[7]?.glyphs.get('S')?.advance ?? 0),
    )
  })
})
