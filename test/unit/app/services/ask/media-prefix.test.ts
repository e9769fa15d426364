import { describe, expect, it } from 'vitest'
import type { PictureRef, PlannedPart, RequestPlan } from '../../../../../app/domain/request'
import { splitPlan } from '../../../../../app/services/ask/media-prefix'
import { imageInfo } from '../../../../helpers/fake-media-reader'

const text = (...tokens: number[]): PlannedPart => ({ kind: 'text', text: '', tokens })
const picture = (ref: Partial<PictureRef> = {}): PlannedPart => ({
  kind: 'picture',
  picture: { kind: 'image', media: 0, page: 0, ...ref } as PictureRef,
  tokens: 36,
})
const plan = (...parts: PlannedPart[]): RequestPlan => ({ parts, promptTokens: 0, pictures: 0, frames: 0 })
const source = (path = '/a.png', mtimeMs = 1) => ({
  path,
  asked: 0,
  turn: 0,
  range: null,
  info: imageInfo({ identity: { sizeBytes: 5, mtimeMs } }),
})

describe('splitPlan', () => {
  it('cuts behind the last picture', () => {
    const split = splitPlan(plan(text(1, 2), picture(), text(3), picture(), text(4, 5)), [source()])
    expect(split.shown).toHaveLength(4)
    expect(split.question).toEqual([text(4, 5)])
    expect(split.shownTokens).toBe(2 + 36 + 1 + 36)
  })

  it('shows nothing without pictures', () => {
    const split = splitPlan(plan(text(1, 2)), [])
    expect(split).toEqual({ shown: [], question: [text(1, 2)], shownKey: '', shownTokens: 0 })
  })

  const keyOf = (made: RequestPlan, sources = [source()]) => splitPlan(made, sources).shownKey
  const shown = plan(text(1, 2), picture(), text(9))

  it('names what was shown whatever is asked about it', () => {
    expect(keyOf(plan(text(1, 2), picture(), text(7, 7, 7)))).toBe(keyOf(shown))
  })

  it.for<[string, RequestPlan, ReturnType<typeof source>[]]>([
    ['the text before a picture', plan(text(1, 3), picture()), [source()]],
    ['the page', plan(text(1, 2), picture({ page: 1 })), [source()]],
    ['a tile', plan(text(1, 2), picture({ kind: 'tile', row: 0, column: 0 })), [source()]],
    ['the file', shown, [source('/b.png')]],
    ['the time of the file’s change', shown, [source('/a.png', 2)]],
    ['the number of pictures', plan(text(1, 2), picture(), picture()), [source()]],
  ])('names other things differently: %s', ([, other, sources]) => {
    expect(keyOf(other, sources)).not.toBe(keyOf(shown))
  })
})
