import { describe, expect, it } from 'vitest'
import type { Scene, WorldFrame } from '../../../../../app/domain/world/scene'
import type {
  EvaluationGroup,
  EvaluationSuite,
} from '../../../../../app/services/evaluation/evaluation-types'
import type { DrawnSuiteParts } from '../../../../../app/services/evaluation/suites/drawn-suite'
import {
  multiSuite,
  singleSuite,
  tilesSuite,
  unknownSuite,
} from '../../../../../app/services/evaluation/suites/picture-suites'
import { realSuite } from '../../../../../app/services/evaluation/suites/real-suite'
import {
  dialogueSuite,
  needleSuite,
  videoSuite,
} from '../../../../../app/services/evaluation/suites/video-suites'
import { worldArt } from '../../../../helpers/world-art'

interface Drawn {
  readonly path: string
  readonly scenes: readonly Scene[]
  readonly frames: readonly WorldFrame[]
}

/** A world that keeps what it is to draw. */
function drawing(changes: Partial<DrawnSuiteParts> = {}): { parts: DrawnSuiteParts; drawn: Drawn[] } {
  const drawn: Drawn[] = []
  const parts: DrawnSuiteParts = {
    world: {
      art: worldArt,
      writePicture: (scene, path) => {
        drawn.push({ path, scenes: [scene], frames: [] })
        return Promise.resolve()
      },
      writeSheet: ({ scene }, path) => {
        drawn.push({ path, scenes: [scene], frames: [] })
        return Promise.resolve()
      },
      writeVideo: (frames, path) => {
        drawn.push({ path, scenes: frames.map(({ scene }) => scene), frames })
        return Promise.resolve()
      },
    },
    folder: '/drawn',
    seed: 1,
    count: 6,
    frames: null,
    ...changes,
  }
  return { parts, drawn }
}

async function drawAll(suite: EvaluationSuite): Promise<EvaluationGroup[]> {
  const groups: EvaluationGroup[] = []
  for (const index of suite.costs.keys()) groups.push(await suite.draw(index, new AbortController().signal))
  return groups
}

const questionsOf = (groups: readonly EvaluationGroup[]) =>
  groups.flatMap(({ cases }) => cases.flatMap(({ turns }) => turns))

const makers = {
  single: singleSuite,
  video: videoSuite,
  tiles: tilesSuite,
  multi: multiSuite,
  needle: needleSuite,
  unknown: unknownSuite,
  dialogue: dialogueSuite,
}

describe.for(Object.entries(makers))('the suite %s', ([name, make]) => {
  const frames = name === 'video' || name === 'needle' || name === 'dialogue' ? 16 : null

  it('is the same for the same seed, and another for another', async () => {
    const asked = async (seed: number) => {
      const groups = await drawAll(make(drawing({ seed, frames }).parts))
      return questionsOf(groups).map(({ question, expected }) => [question, expected])
    }
    const first = await asked(1)
    expect(first.length).toBeGreaterThan(5)
    expect(await asked(1)).toEqual(first)
    expect(await asked(2)).not.toEqual(first)
  })

  it('shows what it drew from the test half, and holds its own answers for right and nonsense for wrong', async () => {
    const { parts, drawn } = drawing({ frames })
    const groups = await drawAll(make(parts))
    const shown = new Set(
      groups.flatMap(({ cases }) => cases.flatMap(({ media }) => media.map(({ path }) => path))),
    )

    expect(drawn.map(({ path }) => path).filter((path) => !shown.has(path))).toEqual([])
    expect(new Set(drawn.flatMap(({ scenes }) => scenes.map(({ split }) => split)))).toEqual(
      new Set(['test']),
    )
    for (const turn of questionsOf(groups)) {
      expect(turn.isRight(turn.expected)).toBe(true)
      expect(turn.isRight('Xyzzy.')).toBe(false)
    }
    const ids = groups.flatMap(({ cases }) => cases.map(({ id }) => id))
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('needles', () => {
  it('lie at every tenth of every length and are asked for once, with text and time', async () => {
    const suite = needleSuite(drawing({ count: 10, frames: 64 }).parts)
    const groups = await drawAll(suite)

    expect(suite.costs).toEqual(Array<number>(10).fill(64))
    const cases = groups.flatMap((group) => group.cases)
    expect(cases.map(({ depth }) => Math.floor((depth ?? -1) * 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(cases.map(({ turns }) => turns.map(({ task }) => task))).toEqual(
      Array<string[]>(10).fill(['needle']),
    )
    expect(cases.every(({ turns }) => / at \d\d:\d\d\.$/u.test(turns[0]?.expected ?? ''))).toBe(true)
    expect(cases.every(({ maxFrames, length }) => maxFrames === 64 && length === 64)).toBe(true)
  })

  it('come at 64, 256 and 1,024 frames, one a second', async () => {
    const { parts, drawn } = drawing({ count: 1 })
    await drawAll(needleSuite(parts))
    expect(drawn.map(({ frames }) => [frames.length, frames.at(-1)?.seconds])).toEqual([
      [64, 63],
      [256, 255],
      [1024, 1023],
    ])
  })
})

it('tiles are asked of pictures that are given in tiles', async () => {
  const groups = await drawAll(tilesSuite(drawing({ count: 20 }).parts))
  expect(groups.every(({ cases }) => cases.every(({ media }) => media[0]?.tiles === true))).toBe(true)
  const places = questionsOf(groups).filter(({ task }) => task === 'tile-place')
  expect(places.length).toBeGreaterThanOrEqual(15)
})

it('single pictures are asked about presence with as many yes as no, give or take', async () => {
  const groups = await drawAll(singleSuite(drawing({ count: 200 }).parts))
  const presence = questionsOf(groups).filter(({ task }) => task === 'presence')
  const yes = presence.filter(({ expected }) => expected.startsWith('Yes')).length
  expect(presence.length).toBeGreaterThan(150)
  expect(yes / presence.length).toBeGreaterThan(0.35)
  expect(yes / presence.length).toBeLessThan(0.65)
})

it('the unknown suite asks in every way of what cannot be known', async () => {
  const groups = await drawAll(unknownSuite(drawing({ count: 40 }).parts))
  expect([...new Set(questionsOf(groups).map(({ task }) => task))].sort()).toEqual([
    'absent',
    'nothing-known',
    'off-topic',
    'out-of-world',
    'unreadable',
  ])
})

describe('dialogues', () => {
  it('have three turns, about pictures, videos and sets in turn', async () => {
    const groups = await drawAll(dialogueSuite(drawing({ count: 3, frames: 16 }).parts))
    const cases = groups.flatMap((group) => group.cases)
    expect(cases.map(({ turns }) => turns.length)).toEqual([3, 3, 3])
    expect(cases[0]?.media).toHaveLength(1)
    expect(cases[1]?.media[0]?.path).toMatch(/\.mp4$/u)
    expect(cases[2]?.media.length).toBeGreaterThan(1)
  })
})

describe('real media', () => {
  const files = ['/media/bird.mp4', '/media/hill.jpg']

  async function realCases() {
    const { parts, drawn } = drawing({ count: 2 })
    const groups = await drawAll(realSuite(parts, { files, objects: { 'bird.mp4': ['bird'] } }))
    return { groups, drawn }
  }

  it('are the files of a folder, then crops of photographs with nothing drawn on them', async () => {
    const { groups, drawn } = await realCases()
    expect(groups.map(({ cases }) => cases[0]?.media[0]?.path)).toEqual([
      ...files,
      '/drawn/photograph-0.jpg',
      '/drawn/photograph-1.jpg',
    ])
    const scenes = drawn.flatMap((one) => one.scenes)
    expect(scenes).toHaveLength(2)
    expect(scenes.every(({ background, items }) => background.kind === 'photo' && items.length === 0)).toBe(
      true,
    )
  })

  it('may be said to hold what is really there, and nothing else', async () => {
    const { groups } = await realCases()
    const [clip, photograph] = groups.map(({ cases }) => cases[0]?.turns[0])
    const replies = ['I see nothing that I know.', 'A bird.', 'A bird and a dog.', 'A photograph.']
    expect(replies.map((reply) => clip?.isRight(reply))).toEqual([true, true, false, true])
    expect(replies.map((reply) => photograph?.isRight(reply))).toEqual([true, false, false, true])
  })

  it('are asked about an object that is not there', async () => {
    const { groups } = await realCases()
    for (const { cases } of groups) {
      const presence = cases.at(-1)?.turns[0]
      expect(presence?.question).toMatch(/^Is there an? [a-z]+\?$/u)
      expect(
        ['No.', 'I see nothing that I know.', 'Yes.', 'yes, there is'].map((reply) =>
          presence?.isRight(reply),
        ),
      ).toEqual([true, true, false, false])
    }
  })
})
