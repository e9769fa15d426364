import type { MediaChip } from '../../contract/chat'
import type { AskMedia, AskTurn } from '../ask/ask-types'
import type { ItemRow } from '../library/item-row'
import type { TurnRow } from './turn-row'

export interface TurnWithMedia {
  readonly row: Pick<TurnRow, 'question' | 'answer' | 'status'>
  readonly media: readonly MediaChip[]
}

export interface AskRequest {
  readonly turns: AskTurn[]
  /** The items of all turns' media, counted in order: what `AskCitation.media` indexes. */
  readonly items: ItemRow[]
}

/**
 * The conversation as the model is given it: earlier turns with their replies, then the open one. A turn that was
 * stopped or interrupted before its first word has no reply to show, so it is left out; what it showed goes with the
 * next question, unless that one shows something itself.
 */
export function requestFrom(
  earlier: readonly TurnWithMedia[],
  question: string,
  media: readonly MediaChip[],
  itemOf: (id: string) => ItemRow,
): AskRequest {
  const items: ItemRow[] = []
  const turns: AskTurn[] = []
  let carried: readonly MediaChip[] = []
  const add = (asked: string, own: readonly MediaChip[], reply?: string): void => {
    const shown = own.length > 0 ? own : carried
    carried = []
    const rows = shown.map((chip) => itemOf(chip.itemId))
    items.push(...rows)
    const askMedia = shown.map((chip, index) => toAskMedia(chip, rows[index]))
    turns.push({ question: asked, media: askMedia, ...(reply === undefined ? {} : { reply }) })
  }
  for (const turn of earlier) {
    if (turn.row.answer !== '') add(turn.row.question, turn.media, turn.row.answer)
    else if (turn.row.status !== 'failed' && turn.media.length > 0) carried = turn.media
  }
  add(question, media)
  return { turns, items }
}

function toAskMedia(chip: MediaChip, row: ItemRow | undefined): AskMedia {
  return {
    path: row?.real_path ?? '',
    range: row?.kind === 'video' ? chip.range : null,
    tiles: row?.kind === 'video' ? false : chip.tiles,
  }
}
