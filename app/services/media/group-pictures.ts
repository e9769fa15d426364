import type { PictureRef } from '../../domain/request'

/** Pictures that are read in one go: frames of one video in ascending order, or one page with its tiles. */
export type PictureGroup =
  | {
      readonly kind: 'frames'
      readonly media: number
      readonly refs: readonly (PictureRef & { kind: 'frame' })[]
    }
  | {
      readonly kind: 'page'
      readonly media: number
      readonly page: number
      readonly refs: readonly (PictureRef & { kind: 'image' | 'tile' })[]
    }

interface OpenGroup {
  readonly first: PictureRef
  readonly refs: PictureRef[]
}

function continues(group: OpenGroup, ref: PictureRef): boolean {
  const { first } = group
  const last = group.refs.at(-1)
  if (first.media !== ref.media) return false
  if (ref.kind === 'frame') return last?.kind === 'frame' && ref.frame >= last.frame
  return first.kind !== 'frame' && first.page === ref.page
}

/** Splits a list of pictures, in order, into groups that are read together. */
export function groupPictures(refs: readonly PictureRef[]): PictureGroup[] {
  const groups: OpenGroup[] = []
  for (const ref of refs) {
    const last = groups.at(-1)
    if (last !== undefined && continues(last, ref)) last.refs.push(ref)
    else groups.push({ first: ref, refs: [ref] })
  }
  return groups.map(({ first, refs: members }): PictureGroup =>
    first.kind === 'frame'
      ? { kind: 'frames', media: first.media, refs: members.filter((ref) => ref.kind === 'frame') }
      : {
          kind: 'page',
          media: first.media,
          page: first.page,
          refs: members.filter((ref) => ref.kind !== 'frame'),
        },
  )
}
