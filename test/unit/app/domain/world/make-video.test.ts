import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clipSourceOf, createClipSource } from '../../../../../app/domain/world/clip-source'
import type { Clip, VideoFrame } from '../../../../../app/domain/world/composition'
import { composeVideo, VIDEO_SCRIPTS, type VideoOptions } from '../../../../../app/domain/world/make-video'
import { createRandom } from '../../../../../app/domain/world/random'
import { splitFrames } from '../../../../../app/domain/world/video-scripts'
import { worldArt } from '../../../../helpers/world-art'

const source = createClipSource(9, 'train', worldArt, 800)

interface ShotOfFrames {
  readonly clip: number
  readonly frames: readonly VideoFrame[]
}

/** Cuts a video where its clip changes. */
function shotsOf(video: readonly VideoFrame[]): ShotOfFrames[] {
  const shots: { clip: number; frames: VideoFrame[] }[] = []
  for (const frame of video) {
    const last = shots.at(-1)
    if (last?.clip === frame.clip) last.frames.push(frame)
    else shots.push({ clip: frame.clip, frames: [frame] })
  }
  return shots
}

function holdsForVideos(options: Partial<VideoOptions>, check: (video: readonly VideoFrame[]) => void): void {
  const videos = fc
    .tuple(fc.nat(), fc.integer({ min: 3, max: 300 }))
    .map(([seed, frames]) => composeVideo(createRandom(seed), source, { frames, ...options }))
  fc.assert(fc.property(videos, check), { numRuns: 150 })
}

const isNamed = (name: string) => name !== 'unknown'
const namesOf = ({ scene }: VideoFrame) => scene.items.map(({ name }) => name)
const clipWith = (isWanted: (clip: Clip) => boolean): Clip => {
  for (let index = 0; index < source.count; index += 1) {
    if (isWanted(source.clip(index))) return source.clip(index)
  }
  throw new Error('expected such a clip in the bank')
}

describe('a video', () => {
  it('has the frames asked for, from second 0 at even intervals', () => {
    const video = composeVideo(createRandom(1), source, { frames: 5, intervalSeconds: 0.1 })
    expect(video.map(({ seconds }) => seconds)).toEqual([0, 0.1, 0.2, 0.3, 0.4])
    holdsForVideos({}, (frames) => {
      const interval = frames[1]?.seconds ?? 0
      expect(interval).toBeGreaterThanOrEqual(0.5)
      expect(interval).toBeLessThanOrEqual(60)
      expect(frames.at(-1)?.seconds).toBeCloseTo(interval * (frames.length - 1), 2)
      expect(frames.at(-1)?.seconds).toBeLessThan(6000)
    })
  })

  it('plays the phases of each clip in order, four equal parts of the shot', () => {
    holdsForVideos({}, (video) => {
      for (const { clip, frames } of shotsOf(video)) {
        const expected = frames.map((_, frame) => Math.floor((4 * frame) / frames.length))
        expect(frames.map(({ phase }) => phase)).toEqual(expected)
        for (const { scene, phase } of frames) expect(scene).toEqual(source.clip(clip)[phase])
      }
    })
  })

  it('is the same for the same random state, and another for another', () => {
    for (const script of VIDEO_SCRIPTS) {
      const compose = (seed: number) => composeVideo(createRandom(seed), source, { frames: 24, script })
      expect(compose(4)).toEqual(compose(4))
      expect(compose(4)).not.toEqual(compose(5))
    }
  })

  it('has 2 to 12 shots when it is ordinary', () => {
    const counts = new Set<number>()
    holdsForVideos({ script: 'ordinary' }, (video) => {
      const count = shotsOf(video).length
      counts.add(count)
      expect(count).toBeGreaterThanOrEqual(2)
      expect(count).toBeLessThanOrEqual(12)
    })
    expect(counts.size).toBeGreaterThan(6)
    expect(composeVideo(createRandom(1), source, { frames: 1 })).toHaveLength(1)
  })

  it('shows the hero of a story at the start, then not, then again', () => {
    holdsForVideos({ script: 'story' }, (video) => {
      const shots = shotsOf(video).map(({ frames }) => frames.flatMap(namesOf))
      expect(shots.length).toBeGreaterThanOrEqual(3)
      const [first = [], away = [], ...later] = shots
      const returning = first.filter(
        (name) => !away.includes(name) && later.some((names) => names.includes(name)),
      )
      expect(returning).not.toEqual([])
    })
  })

  it('has exactly one short shot with a caption when it hides a needle', () => {
    holdsForVideos({ script: 'needle' }, (video) => {
      const captioned = shotsOf(video).filter(({ frames }) => frames.some(({ scene }) => scene.caption))
      expect(captioned).toHaveLength(1)
      expect(captioned[0]?.frames.length).toBeLessThanOrEqual(Math.min(4, video.length / 3))
      for (const { scene } of captioned[0]?.frames ?? []) {
        expect(scene.caption).toBeDefined()
        expect(scene.caption?.unreadable).toBeUndefined()
      }
    })
  })

  it('hides the needle where it is told to', () => {
    const placeOf = (depth: number) => {
      const video = composeVideo(createRandom(7), source, { frames: 100, script: 'needle', depth })
      return video.flatMap(({ scene }, index) => (scene.caption ? [index] : []))
    }
    expect(placeOf(0)[0]).toBe(0)
    expect(placeOf(1).at(-1)).toBe(99)
    expect(placeOf(0.5)[0]).toBeGreaterThanOrEqual(48)
    expect(placeOf(0.5)[0]).toBeLessThanOrEqual(50)
  })

  it('has more shots around the needle when it is long', () => {
    const counts = Array.from(
      { length: 20 },
      (_, seed) =>
        shotsOf(composeVideo(createRandom(seed), source, { frames: 1024, script: 'needle' })).length,
    )
    expect(Math.max(...counts)).toBeGreaterThan(30)
  })

  it('with an odd frame shows one still scene, but for one frame with other things', () => {
    holdsForVideos({ script: 'odd-frame' }, (video) => {
      const byClip = Map.groupBy(video, ({ clip }) => clip)
      expect(byClip.size).toBe(2)
      const [odd = [], usual = []] = [...byClip.values()].sort((a, b) => a.length - b.length)
      expect(odd).toHaveLength(1)
      for (const name of odd.flatMap(namesOf).filter(isNamed)) {
        expect(usual.flatMap(namesOf)).not.toContain(name)
      }
      const isNothing = (frame: VideoFrame) => frame.scene.items.length === 0
      expect([...odd, ...usual].some(isNothing)).toBe(false)
      expect(new Set(usual.map(({ scene }) => JSON.stringify(scene.items))).size).toBe(1)
      expect(video.some(({ scene }) => scene.caption)).toBe(false)
    })
  })

  it('of a source with one clip is one long shot', () => {
    const single = clipSourceOf(1, () => source.clip(3))
    const video = composeVideo(createRandom(2), single, { frames: 8, script: 'ordinary' })
    expect(video.map(({ clip, phase }) => [clip, phase])).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
      [0, 1],
      [0, 2],
      [0, 2],
      [0, 3],
      [0, 3],
    ])
  })

  it('says what is missing when it cannot be composed', () => {
    const captioned = clipWith((clip) => clip.every(({ caption }) => caption && !caption.unreadable))
    const captionedOnly = clipSourceOf(10, () => captioned)
    const random = createRandom(1)
    expect(() => composeVideo(random, captionedOnly, { frames: 20, script: 'needle' })).toThrow(
      'expected a clip without a caption among 10, found none',
    )
    expect(() => composeVideo(random, source, { frames: 2, script: 'needle' })).toThrow(
      'expected at least 3 frames of a needle video, got 2',
    )
    expect(() =>
      composeVideo(
        random,
        clipSourceOf(0, () => captioned),
        { frames: 2 },
      ),
    ).toThrow('expected a clip of any kind among 0, found none')
  })
})

describe('frames of shots', () => {
  it('add up, and are at least a third of their mean', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), fc.nat(500), (seed, shots, more) => {
        const lengths = splitFrames(createRandom(seed), shots + more, shots)
        expect(lengths).toHaveLength(shots)
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(shots + more)
        expect(Math.min(...lengths)).toBeGreaterThanOrEqual(
          Math.max(1, Math.floor((shots + more) / (shots * 3))),
        )
      }),
    )
  })
})
