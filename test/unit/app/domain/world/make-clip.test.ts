import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rgbDistance } from '../../../../../app/domain/world/colors'
import type { Clip } from '../../../../../app/domain/world/composition'
import { makeClip } from '../../../../../app/domain/world/make-clip'
import { placeOf } from '../../../../../app/domain/world/make-items'
import { canvasOfScene } from '../../../../../app/domain/world/make-scene'
import type { SceneItem, WorldSplit } from '../../../../../app/domain/world/scene'
import { worldArt } from '../../../../helpers/world-art'

const clips = Array.from({ length: 1500 }, (_, index) =>
  makeClip(11, index, index % 2 === 0 ? 'train' : 'test', worldArt),
)
const counts = (clip: Clip) => clip.map(({ items }) => items.length)
const isAppearing = (clip: Clip) => clip[0].items.length < clip[3].items.length
const isLeaving = (clip: Clip) => clip[0].items.length > clip[3].items.length
const movedItems = (clip: Clip) =>
  isAppearing(clip) || isLeaving(clip)
    ? []
    : clip[0].items.flatMap((item, index) => (clip[3].items[index] === item ? [] : [index]))
const moving = clips.filter((clip) => movedItems(clip).length > 0)
const fading = clips.filter((clip) => clip[0].background !== clip[3].background)

/** What is in `more` and not in `fewer`. */
function difference(more: readonly SceneItem[], fewer: readonly SceneItem[]): readonly SceneItem[] {
  return more.filter((item) => !fewer.includes(item))
}

describe('a clip', () => {
  it('is the same for the same seed, index and split, in every process', () => {
    const digest = createHash('sha256')
    for (let index = 0; index < 50; index += 1)
      digest.update(JSON.stringify(makeClip(3, index, 'test', worldArt)))
    // Changes with every change of the generator: banks and checkpoints made before then belong to another world.
    expect(digest.digest('hex').slice(0, 16)).toBe('f723b86ef65727f9')
  })

  it('differs with seed, index and split', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.constantFrom<WorldSplit>('train', 'test'), (seed, index, split) => {
        const clip = JSON.stringify(makeClip(seed, index, split, worldArt))
        expect(JSON.stringify(makeClip(seed, index, split, worldArt))).toBe(clip)
        expect(JSON.stringify(makeClip(seed + 1, index, split, worldArt))).not.toBe(clip)
        expect(JSON.stringify(makeClip(seed, index + 1, split, worldArt))).not.toBe(clip)
      }),
    )
  })

  it('keeps canvas, caption and effects, but for its noise', () => {
    for (const clip of clips) {
      for (const scene of clip.slice(1)) {
        expect([scene.aspect, scene.caption, scene.split]).toEqual([
          clip[0].aspect,
          clip[0].caption,
          clip[0].split,
        ])
        expect({ ...scene.effects, noiseSeed: 0 }).toEqual({ ...clip[0].effects, noiseSeed: 0 })
      }
      expect(new Set(clip.map(({ effects }) => effects.noiseSeed)).size).toBe(4)
    }
  })

  it('happens in five ways, standing still most often', () => {
    const appearing = clips.filter(isAppearing).length
    const leaving = clips.filter(isLeaving).length
    for (const count of [appearing, leaving, moving.length]) expect(count).toBeGreaterThan(100)
    expect(fading.length).toBeGreaterThan(10)
    expect(clips.length - appearing - leaving - moving.length - fading.length).toBeGreaterThan(600)
  })

  it('in which something enters lacks it before and has it ever after', () => {
    for (const clip of clips.filter(isAppearing)) {
      const entered = difference(clip[3].items, clip[0].items)
      expect(entered).toHaveLength(1)
      expect(counts(clip)).toEqual(counts(clip).toSorted())
      const change = counts(clip).indexOf(clip[3].items.length)
      expect([1, 2, 3]).toContain(change)
      for (const scene of clip.slice(0, change))
        expect(scene.items.map(({ name }) => name)).not.toContain(entered[0]?.name)
      for (const scene of clip.slice(change)) expect(scene.items).toEqual(clip[3].items)
    }
  })

  it('in which something leaves has it before and lacks it ever after', () => {
    for (const clip of clips.filter(isLeaving)) {
      const left = difference(clip[0].items, clip[3].items)
      expect(left).toHaveLength(1)
      expect(counts(clip)).toEqual(counts(clip).toSorted().toReversed())
      const change = counts(clip).indexOf(clip[3].items.length)
      expect([1, 2, 3]).toContain(change)
      for (const scene of clip.slice(change))
        expect(scene.items.map(({ name }) => name)).not.toContain(left[0]?.name)
    }
  })

  it('in which something moves takes it a third of the picture or so, in even steps, past no other thing', () => {
    for (const clip of moving) {
      const canvas = canvasOfScene(clip[0])
      const moved = movedItems(clip)
      expect(moved).toHaveLength(1)
      const index = moved[0] ?? 0
      const way = clip.map(({ items }) => items[index] as SceneItem)
      const steps = [1, 2, 3].map((phase) => [
        (way[phase]?.x ?? 0) - (way[phase - 1]?.x ?? 0),
        (way[phase]?.y ?? 0) - (way[phase - 1]?.y ?? 0),
      ])
      for (const [x, y] of steps) {
        expect(x).toBeCloseTo(steps[0]?.[0] ?? NaN, 9)
        expect(y).toBeCloseTo(steps[0]?.[1] ?? NaN, 9)
      }
      expect(Math.max(...(steps[0] ?? []).map(Math.abs))).toBeGreaterThanOrEqual(0.1 - 1e-9)
      for (const scene of clip) {
        const places = scene.items.map((item) => placeOf(item, canvas))
        const place = places[index]
        for (const other of places.filter((_, at) => at !== index)) {
          const apart = Math.max(Math.abs(other.x - (place?.x ?? 0)), Math.abs(other.y - (place?.y ?? 0)))
          expect(apart).toBeGreaterThanOrEqual(40 - 1e-9)
        }
      }
    }
  })

  it('has one thing only of the name that moves, enters or leaves', () => {
    for (const clip of clips) {
      const full = clip[0].items.length > clip[3].items.length ? clip[0].items : clip[3].items
      const acting = [
        ...difference(clip[3].items, clip[0].items),
        ...(isLeaving(clip) ? difference(clip[0].items, clip[3].items) : []),
      ]
      for (const { name, kind } of acting) {
        expect(kind).not.toBe('unknown')
        expect(full.filter((item) => item.name === name)).toHaveLength(1)
      }
    }
  })

  it('that fades changes its colour once, between phases 1 and 2, to none that a shape has', () => {
    for (const clip of fading) {
      const colors = clip.map(({ background }) => (background.kind === 'flat' ? background.color : 'none'))
      expect(colors[1]).toBe(colors[0])
      expect(colors[2]).not.toBe(colors[1])
      expect(colors[3]).toBe(colors[2])
      for (const { background, items } of clip) {
        for (const { rgb, color } of items) {
          if (rgb === undefined || background.kind !== 'flat') continue
          expect(colors).not.toContain(color)
          expect(rgbDistance(rgb, background.rgb)).toBeGreaterThanOrEqual(60)
        }
      }
    }
  })
})
