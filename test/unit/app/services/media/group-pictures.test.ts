import { describe, expect, it } from 'vitest'
import type { PictureRef } from '../../../../../app/domain/request'
import { groupPictures } from '../../../../../app/services/media/group-pictures'

const frame = (media: number, number: number): PictureRef => ({
  kind: 'frame',
  media,
  frame: number,
  seconds: 0,
})
const image = (media: number, page = 0): PictureRef => ({ kind: 'image', media, page })
const tile = (media: number, row: number, column: number): PictureRef => ({
  kind: 'tile',
  media,
  page: 0,
  row,
  column,
})

const sizes = (refs: PictureRef[]) =>
  groupPictures(refs).map((group) => [group.kind, group.media, group.refs.length])

describe('groupPictures', () => {
  it('reads ascending frames of one video together', () => {
    expect(sizes([frame(0, 0), frame(0, 5), frame(0, 5), frame(0, 9)])).toEqual([['frames', 0, 4]])
  })

  it('starts anew where frames go back or the video changes', () => {
    expect(sizes([frame(0, 5), frame(0, 2), frame(1, 3)])).toEqual([
      ['frames', 0, 1],
      ['frames', 0, 1],
      ['frames', 1, 1],
    ])
  })

  it('reads a page with its tiles together, and each page by itself', () => {
    expect(sizes([image(0), tile(0, 0, 0), tile(0, 0, 1), image(0, 1), image(1), frame(2, 0)])).toEqual([
      ['page', 0, 3],
      ['page', 0, 1],
      ['page', 1, 1],
      ['frames', 2, 1],
    ])
  })

  it('gives nothing for nothing', () => {
    expect(groupPictures([])).toEqual([])
  })
})
