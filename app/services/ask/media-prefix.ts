import { createHash } from 'node:crypto'
import type { PictureRef, PlannedPart, RequestPlan } from '../../domain/request'
import type { MediaSource } from './expand-media'

/**
 * A plan cut after its last picture: everything before is what was shown, and its state can be kept and branched from;
 * everything after is the question, which costs as much as a question about nothing.
 */
export interface SplitPlan {
  readonly shown: readonly PlannedPart[]
  readonly question: readonly PlannedPart[]
  /** Names what `shown` holds: token ids, and each picture by its file's identity. Empty when nothing is shown. */
  readonly shownKey: string
  readonly shownTokens: number
}

export function splitPlan(plan: RequestPlan, sources: readonly MediaSource[]): SplitPlan {
  const lastPicture = plan.parts.findLastIndex((part) => part.kind === 'picture')
  const shown = plan.parts.slice(0, lastPicture + 1)
  return {
    shown,
    question: plan.parts.slice(lastPicture + 1),
    shownKey: shown.length === 0 ? '' : keyOf(shown, sources),
    shownTokens: countTokens(shown),
  }
}

export function countTokens(parts: readonly PlannedPart[]): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.tokens.length : part.tokens), 0)
}

function keyOf(parts: readonly PlannedPart[], sources: readonly MediaSource[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    hash.update(JSON.stringify(part.kind === 'text' ? part.tokens : pictureKey(part.picture, sources)))
  }
  return hash.digest('hex')
}

function pictureKey(picture: PictureRef, sources: readonly MediaSource[]): unknown[] {
  const source = sources[picture.media]
  const file =
    source === undefined ? [] : [source.path, source.info.identity.sizeBytes, source.info.identity.mtimeMs]
  switch (picture.kind) {
    case 'image':
      return [...file, 'image', picture.page]
    case 'frame':
      return [...file, 'frame', picture.frame]
    case 'tile':
      return [...file, 'tile', picture.page, picture.row, picture.column]
  }
}
