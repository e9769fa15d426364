import { useMemo } from 'react'
import { useApp } from '../../store/app-context'
import { shownIds } from './asked-media'
import type { CitableItem } from './mark-times'

/** The videos that were shown up to a turn, in the order in which they were; the same list while they stay the same. */
export function useCitable(turnId: string): readonly CitableItem[] {
  const ids = useApp((state) => shownIds(state.conversation?.items ?? [], turnId).join(' '))
  const items = useApp((state) => state.items)
  return useMemo(
    () =>
      ids.split(' ').flatMap((itemId) => {
        const item = items.find(({ id }) => id === itemId)
        return item?.kind === 'video' ? [{ itemId, durationSeconds: item.durationSeconds }] : []
      }),
    [ids, items],
  )
}
