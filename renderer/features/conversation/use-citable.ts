import { useMemo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useApp } from '../../store/app-context'
import { citableItems, shownMedia } from './asked-media'
import type { CitableItem } from './mark-times'

/** The videos that were shown up to a turn, in the order in which they were; the same list while they stay the same. */
export function useCitable(turnId: string): readonly CitableItem[] {
  const shown = useApp(useShallow((state) => shownMedia(state.conversation?.items ?? [], turnId)))
  const items = useApp((state) => state.items)
  return useMemo(() => citableItems(shown, items), [shown, items])
}
