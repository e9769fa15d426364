import type { LibraryItem } from '../../../app/contract/library'
import type { AppState } from '../../store/create-app-store'

/** Items whose name holds every word of the search. */
export function matchingItems(items: readonly LibraryItem[], search: string): readonly LibraryItem[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return items
  return items.filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)))
}

export function selectOpenItem({ items, openItemId }: AppState): LibraryItem | null {
  return items.find(({ id }) => id === openItemId) ?? null
}
