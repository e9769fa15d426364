import type { MediaChip, Turn } from '../../../app/contract/chat'
import type { LibraryItem } from '../../../app/contract/library'
import type { AppState } from '../../store/create-app-store'
import type { CitableItem } from './mark-times'

/** What decides about the media of the next question. */
export type AskedMediaState = Pick<
  AppState,
  'items' | 'openItemId' | 'range' | 'conversation' | 'draft' | 'leftOut'
>

/** What the viewer shows, as a chip; null when nothing that can be read is open. */
export function openChip({ items, openItemId, range }: AskedMediaState): MediaChip | null {
  const item = items.find(({ id }) => id === openItemId)
  if (item === undefined || item.problem !== null) return null
  return chipOf(item, range)
}

/** The bundled large picture is asked about in tiles: what is hidden in it is too small to be seen in the whole. */
export function chipOf(item: LibraryItem, range: MediaChip['range']): MediaChip {
  return {
    itemId: item.id,
    range: item.kind === 'video' ? range : null,
    tiles: item.sample && item.kind === 'image',
  }
}

export function isSamePart(a: MediaChip, b: MediaChip): boolean {
  return a.itemId === b.itemId && a.range?.start === b.range?.start && a.range?.end === b.range?.end
}

/** Whether the model has this part in the conversation already: turns that failed before a word showed nothing. */
export function isShownBefore(turns: readonly Turn[], chip: MediaChip): boolean {
  return turns.some(
    ({ status, answer, media }) =>
      (status !== 'failed' || answer !== '') && media.some((shown) => isSamePart(shown, chip)),
  )
}

/**
 * The media that the next question is about: the chips of the draft, else what is open. What is open is taken once in
 * a conversation, and not when the person left it out.
 */
export function askedMedia(state: AskedMediaState): readonly MediaChip[] {
  if (state.draft.media.length > 0) return state.draft.media
  const chip = openChip(state)
  if (chip === null || isShownBefore(state.conversation?.items ?? [], chip)) return []
  const { leftOut } = state
  return leftOut !== null && isSamePart(leftOut, chip) ? [] : [chip]
}

/** What is read for a turn's answer: frames, unless something besides videos was shown up to it. */
export function readUnit(
  { items, conversation }: Pick<AskedMediaState, 'items' | 'conversation'>,
  turn: Pick<Turn, 'id'>,
): 'frame' | 'picture' {
  const ids = shownIds(conversation?.items ?? [], turn.id)
  return items.some(({ id, kind }) => ids.includes(id) && kind !== 'video') ? 'picture' : 'frame'
}

/** Items that were shown to the model up to a turn, each once, in the order in which they were. */
export function shownIds(turns: readonly Turn[], turnId: string): string[] {
  return [...new Set(shownMedia(turns, turnId).flatMap((media) => media.map(({ itemId }) => itemId)))]
}

/** What each turn up to this one showed, in order. */
export function shownMedia(turns: readonly Turn[], turnId: string): (readonly MediaChip[])[] {
  return turns.slice(0, turns.findIndex(({ id }) => id === turnId) + 1).map(({ media }) => media)
}

/** The videos among what was shown, turn by turn, with the parts that were. */
export function citableItems(
  shown: readonly (readonly MediaChip[])[],
  items: readonly LibraryItem[],
): CitableItem[] {
  return shown.flatMap((media, turn) =>
    media.flatMap(({ itemId, range }) => {
      const item = items.find(({ id }) => id === itemId)
      return item?.kind === 'video' ? [{ itemId, turn, range, durationSeconds: item.durationSeconds }] : []
    }),
  )
}

/** `askedMedia` as a selector: the same list for as long as nothing in it changes. */
export function createAskedMediaSelector(): (state: AskedMediaState) => readonly MediaChip[] {
  let last: readonly MediaChip[] = []
  return (state) => {
    const next = askedMedia(state)
    const isSame =
      next.length === last.length &&
      next.every((chip, index) => {
        const before = last[index]
        return before !== undefined && isSamePart(before, chip) && before.tiles === chip.tiles
      })
    if (!isSame) last = next
    return last
  }
}

export const selectAskedMedia = createAskedMediaSelector()
