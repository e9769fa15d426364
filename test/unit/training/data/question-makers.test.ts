import { describe, expect, it } from 'vitest'
import { createClipSource } from '../../../../app/domain/world/clip-source'
import { makeScene } from '../../../../app/domain/world/make-scene'
import { composeVideo } from '../../../../app/domain/world/make-video'
import { UNKNOWN_TASKS } from '../../../../app/domain/world/questions/unknown-questions'
import { createRandom } from '../../../../app/domain/world/random'
import { makeEpisode, type EpisodeWorld } from '../../../../training/data/episode'
import { questionMakers } from '../../../../training/data/question-makers'
import { createSheetBank } from '../../../../training/data/sheet-bank'
import { createStillSource } from '../../../../training/data/still-source'
import { WORLD_TASKS } from '../../../../app/domain/world/scene'
import { worldArt } from '../../../helpers/world-art'

const clips = createClipSource(1, 'train', worldArt, 200)
const sheets = createSheetBank(1, 'train', worldArt, { clips: 200, sheets: 20 })
const stills = createStillSource(1, 'train', worldArt, 0)
const world: EpisodeWorld = { clips, sheets, stills, ask: questionMakers }
const seeds = Array.from({ length: 60 }, (_, seed) => seed)

const tasksOf = (turns: readonly { readonly task: number }[]) => turns.map(({ task }) => WORLD_TASKS[task])

describe('the questions of training', () => {
  it('ask for the needle once in a needle video, first in about half of them', () => {
    let first = 0
    for (const seed of seeds) {
      const random = createRandom(seed)
      const video = composeVideo(random, clips, { frames: 12, script: 'needle' })
      const tasks = questionMakers.needle(random, video, { count: 6 }).map(({ task }) => task)
      expect(tasks.filter((task) => task === 'needle')).toHaveLength(1)
      expect(tasks.length).toBeLessThanOrEqual(6)
      if (tasks[0] === 'needle') first += 1
    }
    expect(first).toBeGreaterThan(20)
    expect(first).toBeLessThan(50)
  })

  it('mix what cannot be answered with what can', () => {
    const isUnknown = (task: string) => (UNKNOWN_TASKS as readonly string[]).includes(task)
    const asked = seeds.flatMap((seed) => {
      const scene = clips.clip(seed)[0]
      return questionMakers.unknown(createRandom(seed), scene, { count: 6 }).map(({ task }) => task)
    })
    const share = asked.filter(isUnknown).length / asked.length
    expect(share).toBeGreaterThan(0.45)
    expect(share).toBeLessThan(0.8)
  })

  it('let a picture in which nothing has a name be described, too', () => {
    const asked = seeds.flatMap((seed) => {
      const scene = makeScene(createRandom(seed), 'train', worldArt, { known: seed % 2 === 0 })
      return questionMakers
        .detail(createRandom(seed), scene, { count: 3 })
        .map((one) => ({ seed, scene, ...one }))
    })
    const nothing = asked.filter(({ task }) => task === 'nothing-known')

    const bare = seeds.filter((seed) => seed % 2 === 1)
    expect(nothing.map(({ seed }) => seed)).toEqual(expect.arrayContaining(bare))
    expect(nothing.every(({ scene }) => scene.items.every(({ kind }) => kind === 'unknown'))).toBe(true)
    expect(nothing.every(({ question }) => !/\bsee\?/.test(question))).toBe(true)
    expect(new Set(asked.map(({ task }) => task))).toEqual(
      new Set(['nothing-known', 'read', 'relation', 'largest', 'describe']),
    )
  })

  it('keep to the wanted tasks in every kind of episode', () => {
    for (const kind of ['single', 'unknown'] as const) {
      const shape = { kind, questions: 5 }
      for (const seed of seeds.slice(0, 20)) {
        const { turns } = makeEpisode(createRandom(seed), shape, world, ['presence', 'absent'])
        expect(tasksOf(turns).filter((task) => task !== 'presence' && task !== 'absent')).toEqual([])
      }
    }
    const { turns } = makeEpisode(createRandom(1), { kind: 'needle', questions: 6, frames: 9 }, world, [
      'when',
    ])
    expect(new Set(tasksOf(turns))).toEqual(new Set(['when']))
  })

  it('put answers that tell of everything last in most conversations', () => {
    const places = seeds.flatMap((seed) => {
      const { turns } = makeEpisode(createRandom(seed), { kind: 'single', questions: 8 }, world)
      const at = tasksOf(turns).indexOf('describe')
      return at < 0 ? [] : [at >= turns.length - 2]
    })
    expect(places.filter(Boolean).length / places.length).toBeGreaterThan(0.5)
  })

  it('keep a dialogue in its order, the pictures in its first turn', () => {
    const { turns, bankFrames } = makeEpisode(createRandom(4), { kind: 'dialogue', questions: 5 }, world)
    expect(turns.map(({ media }) => media.length)).toEqual([1, 0, 0])
    expect(tasksOf(turns).slice(1)).toEqual(['reference', 'reference'])
    expect(bankFrames).toHaveLength(1)
  })
})
